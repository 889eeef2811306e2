import { describe, expect, test } from "vitest";
import type { FlowReport, FlowSummary, Function, Limit } from "../../api/types";
import { driftText, limitRows, rateText } from "./limits";
import { byNeed, isBusy, rowOf, steady } from "./rows";
import { blockText, keyText, laneText, laneTitle } from "./words";

const limit = (values: Partial<Limit>): Limit => ({ id: "l", name: "concurrency", admits: true, ...values });
const READ_AT = 1_000_000;
const summary = (values: Partial<FlowSummary> = {}): FlowSummary => ({
  functionId: "f",
  function: "shop-pay",
  ...values,
});
const fn = (values: Partial<Function> = {}): Function => ({
  id: "pay",
  name: "Pay",
  slug: "shop-pay",
  app: { id: "shop" },
  configuration: {},
  ...values,
});

describe("rows", () => {
  const of = (values: Partial<FlowSummary>, more: Partial<Function> = {}) =>
    rowOf(fn(more), summary(values), READ_AT);

  test("of a function that does nothing", () => {
    const row = of({});
    expect(row).toMatchObject({ inUse: 0, backlog: 0, oldestAt: undefined, held: [], blocks: [] });
    expect(isBusy(row)).toBe(false);
  });

  test("what is held back is told by kind", () => {
    const row = of({ debounces: 1, batches: 2, singletons: 1, places: 1 });
    expect(row.held).toEqual(["1 debounce", "2 batches", "1 singleton", "1 place taken"]);
    expect(isBusy(row)).toBe(true);
  });

  test("since when the oldest waits, and what lets nothing go", () => {
    const row = of({ oldestAgeMs: 400, blockedBy: [limit({ id: "full", admits: false })] });
    expect(row.oldestAt).toBe(999_600);
    expect(row.blocks.map(({ id }) => id)).toEqual(["full"]);
  });

  test.each([
    [{ pause: { newRuns: "skip", running: "finish", pausedAt: "" } }, true],
    [{ overrides: 1 }, true],
    [{ inUse: 1 }, true],
    [{}, false],
  ] as const)("%j is busy: %j", (values, expected) => {
    expect(isBusy(of(values))).toBe(expected);
  });

  test("before its flow is known, a function says whether it is paused", () => {
    expect(rowOf(fn({ isPaused: true }), undefined, READ_AT).isPaused).toBe(true);
    expect(of({}, { isPaused: true }).isPaused).toBe(false);
  });

  test("what waits most comes first", () => {
    const rows = [
      of({}, { name: "idle b" }),
      of({ inUse: 3 }, { name: "runs" }),
      of({}, { name: "idle a" }),
      of({ backlog: 1 }, { name: "waits" }),
      of({ backlog: 9 }, { name: "waits most" }),
    ];
    expect(rows.toSorted(byNeed).map((row) => row.fn.name)).toEqual([
      "waits most",
      "waits",
      "runs",
      "idle a",
      "idle b",
    ]);
  });

  test("rows that are looked at stay where they are", () => {
    expect(steady(["a", "b", "c"], ["c", "d", "a"])).toEqual(["a", "c", "d"]);
    expect(steady([], ["b", "a"])).toEqual(["b", "a"]);
  });
});

const report = (values: Partial<FlowReport> = {}): FlowReport => ({
  readAt: READ_AT,
  functionId: "f",
  function: "shop-pay",
  inUse: 0,
  backlog: 0,
  meanCallMs: 0,
  ...values,
});

describe("limits", () => {
  const override = { createdAt: "", value: 12 };

  test("code, what is set beside it, and what is in use", () => {
    const key = (value: string) => ({ expression: "event.data.tenant", value });
    const a = limit({ id: "a", key: key("acme"), admits: false });
    const b = limit({ id: "b", key: key("bolt") });
    const state = limit({ id: "s", name: "second_concurrency", inUse: 12, most: 12 });
    const rows = limitRows(
      {
        concurrency: [
          { limit: { value: 3 }, key: "event.data.tenant", scope: "FUNCTION" },
          { limit: { value: 8 }, scope: "ACCOUNT" },
        ],
        throttle: { limit: 5, period: "1m", burst: 2 },
      },
      report({
        limits: [state],
        lanes: [
          { inUse: 3, backlog: 1, limits: [a], blockedBy: [a] },
          { inUse: 1, backlog: 0, limits: [b] },
        ],
        overrides: [
          { limit: "second_concurrency", ...override },
          { limit: "concurrency", key: "acme", ...override },
        ],
      }),
    );
    expect(rows.map(({ name }) => name)).toEqual(["concurrency", "second_concurrency", "throttle"]);
    expect(rows[0]).toMatchObject({
      code: { value: 3 },
      expression: "event.data.tenant",
      keys: 2,
      fullKeys: 1,
    });
    expect(rows[0]?.override).toBeUndefined();
    expect(rows[0]?.keyOverrides).toHaveLength(1);
    expect(rows[1]).toMatchObject({ code: { value: 8, scope: "shared by the account" }, override, state });
    expect(rows[2]).toMatchObject({ code: { value: 5, period: "1m", burst: 2 }, keys: 0 });
  });

  test("one that the code does not have any more is still told of", () => {
    const gone = { limit: "rate_limit" as const, ...override };
    expect(limitRows({}, report({ overrides: [gone] }))).toMatchObject([
      { name: "rate_limit", override: gone },
    ]);
    expect(limitRows({}, report())).toEqual([]);
  });

  test.each([
    [{ codeValue: 8, drift: 4 }, "+4 to the 8 of the code"],
    [{ codeValue: 8, drift: -4 }, "−4 to the 8 of the code"],
    [{ codeValue: 8, drift: 0 }, "as the code"],
    [{ codeValue: null, drift: null }, "the code has no such limit any more"],
  ])("%j", (values, words) => {
    expect(driftText({ limit: "concurrency", ...override, ...values })).toBe(words);
  });

  test("rates", () => {
    expect(rateText(30, "1m")).toBe("30 per 1m");
    expect(rateText(1200, undefined)).toBe("1,200");
  });
});

describe("words", () => {
  test.each([
    [{ name: "pause" }, "paused"],
    [{ name: "app", inUse: 100, most: 100 }, "app 100/100"],
    [{ name: "app", inUse: 3, most: 100, until: "2026-11-29T00:00:00Z" }, "app backs off"],
    [{ name: "throttle", most: null }, "throttle"],
    [{ name: "second_concurrency", inUse: 12, most: 12 }, "second concurrency 12/12"],
  ])("%j", (values, words) => expect(blockText(limit(values))).toBe(words));

  test("keys", () => {
    const lane = { inUse: 0, backlog: 0, keys: { "event.data.tenant": "acme", "event.data.n": 3 } };
    expect(laneText(lane)).toBe("acme · 3");
    expect(laneTitle(lane)).toBe("event.data.tenant = acme\nevent.data.n = 3");
    expect(laneText({ inUse: 0, backlog: 0, keys: null })).toBe("");
    expect(keyText(undefined)).toBe("null");
  });
});
