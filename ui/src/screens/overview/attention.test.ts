import { describe, expect, test } from "vitest";
import type { ErrorGroup, Function } from "../../api/types";
import { appRows } from "../apps/rows";
import { attentionOf, firstOfEach, suspects, type Seen } from "./attention";

const fn = (id: string, more: Partial<Function> = {}): Function => ({
  id,
  name: id,
  slug: `shop-${id}`,
  app: { id: "shop" },
  configuration: {},
  ...more,
});
const group = (id: string, more: Partial<ErrorGroup> = {}): ErrorGroup => ({
  id,
  status: "open",
  message: "declined",
  function: "shop-order",
  functionId: "1",
  runs: 2,
  lastRunId: "r",
  firstSeen: "2026-01-01T00:00:00Z",
  lastSeen: "2026-01-02T00:00:00Z",
  ...more,
});
const counts = (completed: number, failed: number) => ({
  scheduled: 0,
  started: 0,
  completed,
  failed,
  cancelled: 0,
  skipped: 0,
});
const nothing: Seen = { apps: [], functions: [], explanations: [], groups: [], counts: [] };

test("with nothing wrong, nothing needs attention", () => {
  expect(attentionOf({ ...nothing, functions: [fn("order")] })).toEqual([]);
});

describe("attentionOf", () => {
  const apps = appRows(
    [],
    [{ url: "http://a", state: "failing", error: { message: "refused", hint: "start it" } }],
  );
  const seen: Seen = {
    apps,
    functions: [fn("order"), fn("mail", { isPaused: true }), fn("old", { isPaused: true, isArchived: true })],
    explanations: [
      {
        app: "shop",
        explanation: {
          functionId: "1",
          summary: "",
          reasons: [
            {
              kind: "app_unreachable",
              text: "waits because the app can't be reached; it gets no calls until 2026-01-01T00:00:00Z",
            },
          ],
        },
      },
    ],
    groups: [group("g", { isBack: true, step: "charge" })],
    counts: [
      { fn: fn("order"), total: counts(83, 17) },
      { fn: fn("fine"), total: counts(990, 10) },
      { fn: fn("unread"), total: undefined },
    ],
  };

  test("the app comes before its functions, what is paused on purpose at the end", () => {
    expect(attentionOf(seen).map(({ kind, title }) => [kind, title])).toEqual([
      ["app", "http://a can't be synced"],
      ["app", "shop gets no calls for now"],
      ["function", "order: 17 % failed"],
      ["error", "declined"],
      ["paused", "mail is paused"],
    ]);
  });

  test("each says what is the matter", () => {
    expect(attentionOf(seen).map(({ detail }) => detail)).toEqual([
      "refused: start it",
      "the app can't be reached; it gets no calls",
      "17 of 100 runs",
      "back · 2 runs · order · charge",
      "shop",
    ]);
  });

  test("an app that can't be synced is named once", () => {
    const both = seen.apps.map((row) => ({ ...row, name: "shop" }));
    expect(attentionOf({ ...seen, apps: both }).filter(({ kind }) => kind === "app")).toHaveLength(1);
  });
});

test("what is read for it", () => {
  const functions = [fn("a", { isArchived: true }), fn("b"), fn("c"), fn("d", { app: { id: "bank" } })];
  expect(firstOfEach(functions).map(({ id }) => id)).toEqual(["b", "d"]);
  expect(suspects([group("g", { function: "shop-c" })], functions).map(({ id }) => id)).toEqual(["c"]);
});
