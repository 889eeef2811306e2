import { expect, test } from "vitest";
import { doubled, pointsOf, trendOf } from "./trends";

test.each([
  [112, 100, { words: "+12 %", direction: "up" }],
  [97, 100, { words: "−3 %", direction: "down" }],
  [1005, 1000, { words: "+0.5 %", direction: "up" }],
  [100_001, 100_000, { words: "as before", direction: "same" }],
  [100, 100, { words: "as before", direction: "same" }],
  [5, 0, { words: "none before", direction: "up" }],
  [0, 5, { words: "−100 %", direction: "down" }],
  [2100, 100, { words: "+21×", direction: "up" }],
  [0, 0, undefined],
  [undefined, 3, undefined],
])("%j after %j", (now, before, trend) => expect(trendOf(now, before)).toEqual(trend));

test("rates are compared in points", () => {
  expect(pointsOf(0.035, 0.02)).toEqual({ words: "+1.5 points", direction: "up" });
  expect(pointsOf(0.0, 0.25)).toEqual({ words: "−25 points", direction: "down" });
  expect(pointsOf(0.1, undefined)).toBeUndefined();
});

test("twice as far back", () => {
  expect(doubled("24h")).toBe("48h");
  expect(doubled("7d")).toBe("14d");
});
