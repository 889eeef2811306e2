import { describe, expect, test } from "vitest";
import {
  bodyOf,
  countWords,
  firstWish,
  isPossible,
  isTyped,
  needsStatuses,
  needsTyping,
  takesWords,
  type Wish,
} from "./wish";

const wish = (changes: Partial<Wish>): Wish => ({ ...firstWish("resume"), ...changes });

describe("bodyOf", () => {
  test("all that can be asked for", () => {
    const all = wish({ kind: "replay", rate: " 5 ", stopPercent: "0", reason: " the bank is back " });
    expect(bodyOf({ errorGroup: "g", status: ["FAILED"] }, all)).toEqual({
      body: {
        kind: "replay",
        filter: { errorGroup: "g", status: ["FAILED"] },
        ratePerSecond: 5,
        stopOnErrorPercent: 0,
        reason: "the bank is back",
      },
      problems: {},
    });
  });

  test("what is empty is not asked for", () => {
    const { body } = bodyOf({ eventName: "e" }, wish({ kind: "cancel", rate: "", stopPercent: "" }));
    expect(body).toEqual({ kind: "cancel", filter: { eventName: "e" } });
  });

  test("what failed is resumed, and what has not ended is cancelled", () => {
    const filter = { status: ["RUNNING" as const, "FAILED" as const] };
    expect(bodyOf(filter, wish({ kind: "resume" })).body.filter.status).toEqual(["FAILED"]);
    expect(bodyOf(filter, wish({ kind: "cancel" })).body.filter.status).toEqual(["RUNNING"]);
    expect(bodyOf(filter, wish({ kind: "replay" })).body.filter.status).toEqual(["RUNNING", "FAILED"]);
  });

  test("for a replay it is said which runs are meant", () => {
    const replay = wish({ kind: "replay", statuses: ["COMPLETED"] });
    expect(bodyOf({ eventName: "e" }, replay).body.filter).toEqual({ eventName: "e", status: ["COMPLETED"] });
    expect(bodyOf({ eventName: "e" }, { ...replay, statuses: [] }).problems).toHaveProperty("statuses");
    expect(needsStatuses("replay", { eventName: "e" })).toBe(true);
    expect(needsStatuses("replay", { status: ["FAILED"] })).toBe(false);
    expect(needsStatuses("cancel", {})).toBe(false);
  });

  test.each([
    ["rate", "0"],
    ["rate", "10001"],
    ["rate", "1.5"],
    ["rate", "-1"],
    ["rate", "fast"],
    ["stopPercent", "101"],
  ])("%s can't be %s", (member, text) => {
    expect(Object.keys(bodyOf({}, wish({ [member]: text })).problems)).toEqual([member]);
  });
});

test.each([
  ["cancel", ["FAILED"], false],
  ["cancel", ["FAILED", "QUEUED"], true],
  ["cancel", undefined, true],
  ["resume", ["COMPLETED"], false],
  ["resume", ["FAILED"], true],
  ["replay", ["COMPLETED"], true],
] as const)("%s of %j: %s", (kind, status, expected) =>
  expect(isPossible(kind, status ? { status: [...status] } : {})).toBe(expected),
);

const preview = (count: number, isExact = true) => ({ words: "", count, isExact });

test.each([
  [preview(1), "1 run"],
  [preview(1234), "1,234 runs"],
  [preview(10_000, false), "at least 10,000 runs"],
])("%j", (counted, words) => expect(countWords(counted)).toBe(words));

test.each([
  [preview(600), 10, "About 1m 00s at that rate."],
  [preview(10_000, false), 10, "At least 16m 40s at that rate."],
  [preview(10), 10, undefined],
  [preview(600), undefined, undefined],
])("how long %j takes at %s a second", (counted, rate, words) =>
  expect(takesWords(counted, rate)).toBe(words),
);

test("a large number is typed before it is acted on", () => {
  expect(needsTyping(preview(1000))).toBe(false);
  expect(needsTyping(preview(1001))).toBe(true);
  expect(needsTyping(preview(3, false))).toBe(true);
  expect(isTyped("1,234", preview(1234))).toBe(true);
  expect(isTyped("123", preview(1234))).toBe(false);
  expect(isTyped("", preview(0))).toBe(false);
});
