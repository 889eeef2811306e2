import { expect, test } from "vitest";
import type { RunMetrics } from "../../api/types";
import { bucketsOf } from "../../kit/charts";
import { barsOf, changeWords, DURATIONS, ENDS, RATE, seriesOf, spreadPart } from "./series";

const counts = { scheduled: 0, started: 0, completed: 0, failed: 0, cancelled: 0, skipped: 0 };
const spread = { mean: 1, p50: 2, p95: 3, p99: 4, max: 5 };
const START = Date.parse("2026-11-29T00:00:00Z");
const minute = (i: number) => new Date(START + i * 60_000).toISOString();
const metrics = (buckets: RunMetrics["buckets"], minutes = 3): RunMetrics => ({
  bucket: "1m",
  from: minute(0),
  until: minute(minutes),
  buckets,
  total: counts,
});

test("counts of what did not happen are 0, and rates and times of it are gaps", () => {
  const buckets = bucketsOf(
    metrics([{ ...counts, start: minute(1), failed: 1, completed: 3, durationMs: spread }]),
  );
  expect(seriesOf(ENDS, buckets).map(({ values }) => values)).toEqual([
    [0, 1, 0],
    [0, 3, 0],
    [0, 0, 0],
    [0, 0, 0],
  ]);
  expect(seriesOf(RATE, buckets)[0]?.values).toEqual([null, 0.25, null]);
  expect(seriesOf(DURATIONS, buckets)[2]?.values).toEqual([null, 4, null]);
  expect(seriesOf(RATE)).toEqual([{ title: "Failed", token: "bad-bar", values: [] }]);
});

test("parts of a spread by their names", () => {
  expect(spreadPart(spread, "p95")).toBe(3);
  expect(spreadPart(null, "p95")).toBeUndefined();
});

test("bars are put together until they fit, and none is lost", () => {
  const all = Array.from({ length: 100 }, (_, i) => ({
    ...counts,
    start: minute(i),
    completed: 1,
    failed: 1,
  }));
  const bars = barsOf(metrics(all, 100));
  expect(bars).toHaveLength(34);
  expect(bars[0]).toEqual({ total: 6, bad: 3 });
  expect(bars.reduce((sum, { total }) => sum + total, 0)).toBe(200);
});

test.each([
  [110, 100, "10 % more than before"],
  [90, 100, "10 % less than before"],
  [100, 100, "as before"],
  [0, 5, "100 % less than before"],
  [5000, 100, "50 × what it was before"],
  [5, 0, undefined],
  [undefined, 5, undefined],
])("%s after %s: %s", (now, before, words) => expect(changeWords(now, before)).toBe(words));
