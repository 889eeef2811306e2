import { expect, test } from "vitest";
import { unbroken } from "./sparkline";

test("gaps part a line, and each value keeps its place", () => {
  expect(unbroken([null, 1, 2, null, null, 3])).toEqual([
    [
      [1, 1],
      [2, 2],
    ],
    [[5, 3]],
  ]);
  expect(unbroken([null])).toEqual([]);
});
