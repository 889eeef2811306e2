import { expect, test } from "vitest";
import { makeScale, zoom } from "./scale";
import { offsetLabel, ticks } from "./ticks";

test("marks are round and as many as there is room for", () => {
  const marks = ticks(makeScale({ from: 5000, to: 6000 }), 5000, 5);
  expect(marks.map((mark) => mark.label)).toEqual(["0", "200 ms", "400 ms", "600 ms", "800 ms", "1 s"]);
  expect(marks[1]?.x).toBeCloseTo(0.2);
});

test("there are none in a collapsed gap", () => {
  const scale = makeScale({ from: 0, to: 10_000 }, [{ from: 1000, to: 9000 }]);
  for (const mark of ticks(scale, 0, 8)) {
    expect(mark.x <= 0.4501 || mark.x >= 0.5499).toBe(true);
  }
});

test("those of a window are within it", () => {
  const scale = zoom(makeScale({ from: 0, to: 1000 }), { from: 310, to: 350 });
  expect(ticks(scale, 0, 5).map((mark) => mark.label)).toEqual([
    "310 ms",
    "320 ms",
    "330 ms",
    "340 ms",
    "350 ms",
  ]);
});

test.each([
  [0, "0"],
  [250, "250 ms"],
  [1500, "1.5 s"],
  [90_000, "1m 30s"],
  [3_600_000, "1h"],
  [6 * 86_400_000 + 4 * 3_600_000, "6d 4h"],
])("%d ms is %s", (ms, label) => expect(offsetLabel(ms)).toBe(label));
