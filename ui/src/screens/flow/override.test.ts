import { describe, expect, test } from "vitest";
import type { LimitRow } from "./limits";
import { formOf, isLower, overrideOf, type OverrideForm } from "./override";

const form = (values: Partial<OverrideForm>): OverrideForm => ({
  value: "5",
  key: "",
  period: "",
  burst: "",
  expiresIn: "",
  reason: "",
  typed: "",
  ...values,
});

test("all that can be asked for", () => {
  const all = form({
    value: " 1,200 ",
    key: " acme ",
    period: "1m30s",
    burst: "2",
    expiresIn: "2h",
    reason: " sale ",
  });
  expect(overrideOf("throttle", all)).toEqual({
    wish: { value: 1200, key: "acme", period: "1m30s", burst: 2, expiresIn: "2h", reason: "sale" },
    problems: {},
  });
});

test("what is empty is not asked for, and a limit of calls at once has no period", () => {
  expect(overrideOf("concurrency", form({ period: "1m", burst: "3" }))).toEqual({
    wish: { value: 5 },
    problems: {},
  });
});

test.each([
  ["concurrency", { value: "" }, ["value"]],
  ["concurrency", { value: "-1" }, ["value"]],
  ["concurrency", { value: "0" }, []],
  ["rate_limit", { value: "0" }, ["value"]],
  ["concurrency", { value: "5000000000" }, ["value"]],
  ["throttle", { period: "soon" }, ["period"]],
  ["throttle", { burst: "x" }, ["burst"]],
  ["concurrency", { expiresIn: "2 hours" }, ["expiresIn"]],
] as const)("%s %j", (name, values, problems) => {
  expect(Object.keys(overrideOf(name, form(values)).problems)).toEqual(problems);
});

describe("a limit as it is now", () => {
  const row = (values: Partial<LimitRow>): LimitRow => ({
    name: "throttle",
    keyOverrides: [],
    keys: 0,
    fullKeys: 0,
    ...values,
  });
  const set = { limit: "throttle", value: 30, periodMs: 90_000, burst: 2, createdAt: "" } as const;
  const code = { value: 5, period: "1m" };

  test("what is set beside the code stays as far as it is not changed", () => {
    expect(formOf(row({ code, override: set }))).toMatchObject({ value: "30", period: "90s", burst: "2" });
    expect(formOf(row({ code }))).toMatchObject({ value: "5", period: "", burst: "" });
    expect(formOf(row({}))).toMatchObject({ value: "" });
  });

  test.each([
    [{ code }, "4", true],
    [{ code }, "5", false],
    [{ code }, "", false],
    [{ code }, "x", false],
    [{ code, override: set }, "29", true],
    [{ code, override: set }, "31", false],
    [{}, "1", false],
  ] as const)("%j made %s is lower: %j", (values, value, expected) => {
    expect(isLower(row(values), form({ value }))).toBe(expected);
  });
});
