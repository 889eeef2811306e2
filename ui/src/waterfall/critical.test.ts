import { expect, test } from "vitest";
import { criticalPath } from "./critical";
import { START, step, trace } from "./fixtures";

const path = (children: ReturnType<typeof step>[], end: number | undefined = 100) =>
  [...criticalPath(trace(0, end, children).rootSpan, START + 200)]
    .map((id) => id.replace("span-", ""))
    .sort();

test("of parallel steps the one that ended last is on it", () => {
  expect(path([step("a", 0, 20), step("fast", 20, 40), step("slow", 20, 80), step("z", 80, 100)])).toEqual([
    "a",
    "root",
    "slow",
    "z",
  ]);
});

test("what is within such a step is on it, too", () => {
  expect(path([step("a", 0, 50, { children: [step("inner", 10, 20)] })])).toEqual(["a", "inner", "root"]);
});

test("a step that runs still is the end of it", () => {
  expect(path([step("a", 0, 20), step("open", 20, undefined), step("other", 30, 60)], undefined)).toEqual([
    "a",
    "open",
    "root",
  ]);
});
