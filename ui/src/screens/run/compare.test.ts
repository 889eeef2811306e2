import { describe, expect, test } from "vitest";
import { step, trace } from "../../waterfall/fixtures";
import { align, same, sorted } from "./compare";

const run = (...steps: ReturnType<typeof step>[]) => trace(0, 100, steps).rootSpan;
const told = (left: ReturnType<typeof run>, right: ReturnType<typeof run>) =>
  align(left, right).map((pair) => [pair.name, ...pair.differences].join(" "));

describe("steps of two runs", () => {
  test("that are the same have no difference", () => {
    const same = run(step("a", 0, 1, { output: { x: 1 } }), step("b", 1, 2));
    expect(told(same, run(step("a", 0, 9, { output: { x: 1 } }), step("b", 9, 12)))).toEqual(["a", "b"]);
  });

  test("that only one of them has stand where they were", () => {
    const left = run(step("a", 0, 1), step("old", 1, 2), step("z", 2, 3));
    const right = run(step("first", 0, 1), step("a", 1, 2), step("new", 2, 3), step("z", 3, 4));
    expect(told(left, right)).toEqual(["first added", "a", "new added", "old missing", "z"]);
  });

  test("are told apart by what they took, gave and came to", () => {
    const left = run(step("a", 0, 1, { input: [1], output: "x" }));
    const error = { message: "no" };
    const right = run(step("a", 0, 1, { input: [2], status: "FAILED", error }));
    expect(told(left, right)).toEqual(["a status input output error"]);
  });

  test("that moved are as few as can be", () => {
    const steps = ["a", "b", "c", "d"].map((name, i) => step(name, i, i + 1));
    const [a, b, c, d] = steps as [
      (typeof steps)[0],
      (typeof steps)[0],
      (typeof steps)[0],
      (typeof steps)[0],
    ];
    expect(told(run(a, b, c, d), run(b, c, d, a))).toEqual(["a order", "b", "c", "d"]);
  });
});

test("the order of members makes no difference, that of items does", () => {
  expect(same({ a: 1, b: { c: 2, d: 3 } }, { b: { d: 3, c: 2 }, a: 1 })).toBe(true);
  expect(same([1, 2], [2, 1])).toBe(false);
  expect(same(undefined, null)).toBe(false);
  expect(sorted({ b: 1, a: 2 })).toBe('{\n  "a": 2,\n  "b": 1\n}');
});
