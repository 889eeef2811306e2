import { expect, test } from "vitest";
import { overrideOf, type OverrideForm } from "./override";

const form = (values: Partial<OverrideForm>): OverrideForm => ({
  value: "5",
  key: "",
  period: "",
  burst: "",
  expiresIn: "",
  reason: "",
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
