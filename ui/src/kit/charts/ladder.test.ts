import { expect, test } from "vitest";
import { ladder } from "./ladder";

test.each([
  [30, 4_000, [10, 100, 1_000, 10_000]],
  [0, 0, [1, 10]],
  [null, null, [1, 10]],
  [100, 100, [100, 1_000]],
  [1_300, 3_600_000, [1_000, 10_000, 60_000, 600_000, 3_600_000]],
  [59_000, 61_000, [10_000, 60_000, 600_000]],
])("from %s to %s ms", (least, most, rungs) => expect(ladder(least, most)).toEqual(rungs));

test("what is longer than the longest rung has an axis, too", () => {
  expect(ladder(1, 1e12).at(-1)).toBe(8_640_000_000);
});
