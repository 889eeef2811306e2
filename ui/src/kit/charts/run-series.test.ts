import { expect, test } from "vitest";
import type { RunMetrics } from "../../api/types";
import { runSeries } from "./run-series";

const counts = { scheduled: 4, started: 4, completed: 3, failed: 1, cancelled: 0, skipped: 0 };
const spread = { max: 9, mean: 3, p50: 2, p95: 8, p99: 9 };

test("of time without runs there is nothing to tell but that none ended", () => {
  const metrics: RunMetrics = {
    bucket: "1h",
    from: "2026-01-01T00:00:00Z",
    until: "2026-01-01T02:00:00Z",
    total: counts,
    buckets: [{ ...counts, durationMs: spread, start: "2026-01-01T01:00:00Z" }],
  };
  const { ends, rate, durations } = runSeries(metrics);
  expect(ends.map(({ title, values }) => [title, ...values])).toEqual([
    ["Failed", 0, 1],
    ["Completed", 0, 3],
    ["Cancelled", 0, 0],
  ]);
  expect(rate[0]?.values).toEqual([null, 0.25]);
  expect(durations.map(({ values }) => values)).toEqual([
    [null, 2],
    [null, 8],
  ]);
});

test("the same series without metrics", () => {
  expect(runSeries(undefined).ends.map(({ title, values }) => [title, values])).toEqual([
    ["Failed", []],
    ["Completed", []],
    ["Cancelled", []],
  ]);
});
