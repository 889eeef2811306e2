import { describe, expect, test } from "vitest";
import { draftOf, newDraft, readDraft, unpacked } from "./draft";

describe("readDraft", () => {
  test("an event with all that it can have", () => {
    const draft = newDraft({
      name: " shop/paid ",
      data: '{"total": 3}',
      id: "once",
      ts: "2026-11-29T12:00:00Z",
      user: '{"id": 7}',
    });
    expect(readDraft(draft).event).toEqual({
      name: "shop/paid",
      data: { total: 3 },
      id: "once",
      ts: Date.UTC(2026, 10, 29, 12),
      user: { id: 7 },
    });
  });

  test("what is empty is left out", () => {
    expect(readDraft(newDraft({ name: "a", data: "" })).event).toEqual({ name: "a", data: {} });
  });

  test("a time in milliseconds", () => {
    expect(readDraft(newDraft({ name: "a", ts: "1795910473192" })).event?.ts).toBe(1795910473192);
  });

  test.each([
    [{ name: "" }, "name", "An event has a name."],
    [{ name: "inngest/x" }, "name", "Names that begin with inngest/ are the server's."],
    [{ data: "{" }, "data", "The data is not JSON yet."],
    [{ data: "[1]" }, "data", "The data must be an object."],
    [{ user: "null" }, "user", "The user must be an object."],
    [{ ts: "soon" }, "ts", "Unix milliseconds, or a time such as 2026-11-29T12:00:00Z."],
  ])("%j", (values, member, problem) => {
    const { event, problems } = readDraft(newDraft({ name: "a", ...values }));
    expect(event).toBeUndefined();
    expect(problems).toEqual({ [member]: problem });
  });
});

test("an event is sent again as a new one", () => {
  const draft = draftOf({ name: "a", data: { b: 1 }, user: { id: 1 }, ...{ id: "x", ts: 1 } });
  expect(readDraft(draft).event).toEqual({ name: "a", data: { b: 1 }, user: { id: 1 } });
});

describe("unpacked", () => {
  test("a whole event", () => {
    const drafts = unpacked('{"name": "a", "data": {"b": 1}, "id": "x", "ts": 1795910473192}');
    expect(drafts?.map((draft) => readDraft(draft).event)).toEqual([
      { name: "a", data: { b: 1 }, id: "x", ts: 1795910473192 },
    ]);
  });

  test("a list of them", () => {
    expect(unpacked('[{"name": "a", "data": {}}, {"name": "b", "data": {}}]')?.map((it) => it.name)).toEqual([
      "a",
      "b",
    ]);
  });

  test.each([
    "{",
    "{}",
    "[]",
    '{"name": "Ada"}',
    '{"name": "a", "data": {}, "total": 1}',
    '[{"name": "a"}, 1]',
  ])("%s stays data", (text) => expect(unpacked(text)).toBeUndefined());
});
