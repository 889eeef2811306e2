import { describe, expect, test } from "vitest";
import { bucketsOf, ended, failureRate, percent, widthOf } from "./buckets";

const COUNTS = { scheduled: 3, started: 3, completed: 1, failed: 2, cancelled: 1, skipped: 4 };

test.each([
  ["15m", 900_000],
  ["1h30m", 5_400_000],
  ["1d", 86_400_000],
  ["500ms", 500],
  ["0s", undefined],
  ["soon", undefined],
  ["", undefined],
])("a width of %s", (text, width) => expect(widthOf(text)).toBe(width));

describe("bucketsOf", () => {
  const metrics = {
    bucket: "15m",
    from: "2026-01-01T00:00:00.000Z",
    until: "2026-01-01T00:50:00.000Z",
    buckets: [{ ...COUNTS, start: "2026-01-01T00:30:00.000Z" }],
  };

  test("fills what the answer leaves out", () => {
    const buckets = bucketsOf(metrics);
    expect(buckets.map((bucket) => bucket.failed)).toEqual([0, 0, 2, 0]);
    expect(buckets[2]).toMatchObject({
      start: Date.parse("2026-01-01T00:30:00.000Z"),
      end: Date.parse("2026-01-01T00:45:00.000Z"),
    });
  });

  test("the last may end after the range", () => {
    expect(bucketsOf(metrics).at(-1)?.end).toBe(Date.parse("2026-01-01T01:00:00.000Z"));
  });

  test("of a width that is not understood there are none", () => {
    expect(bucketsOf({ ...metrics, bucket: "?" })).toEqual([]);
  });

  test("has an end", () => {
    expect(bucketsOf({ ...metrics, bucket: "1s", until: "2099-01-01T00:00:00.000Z" })).toHaveLength(5000);
  });
});

test("a run that was cancelled ended, and did not fail", () => {
  expect(ended(COUNTS)).toBe(4);
  expect(failureRate(COUNTS)).toBeCloseTo(2 / 3);
  expect(failureRate({ ...COUNTS, completed: 0, failed: 0 })).toBeUndefined();
});

test.each([
  [0, "0 %"],
  [0.0004, "<0.1 %"],
  [0.024, "2.4 %"],
  [0.37, "37 %"],
  [0.9999, "99 %"],
  [1, "100 %"],
])("%d as %s", (rate, text) => expect(percent(rate)).toBe(text));
