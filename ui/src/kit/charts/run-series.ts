/** The usual series of runs: how they ended, which part failed, how long they took. */
import type { RunMetrics } from "../../api/types";
import { bucketsOf, failureRate, type Bucket } from "./buckets";
import type { Series } from "./series";

export interface RunSeries {
  spans: Bucket[];
  ends: Series[];
  rate: Series[];
  durations: Series[];
}

/** Where an axis of durations may be marked, in milliseconds. */
export const DURATION_STEPS: readonly number[] = [
  1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 10e3, 15e3, 30e3, 60e3, 120e3, 300e3, 600e3, 900e3,
  1800e3, 3600e3, 7200e3, 14_400e3, 43_200e3, 86_400e3, 172_800e3, 604_800e3, 1_209_600e3, 2_592_000e3,
];

/** Without metrics, the same series without values: what a legend shows meanwhile. */
export function runSeries(metrics: RunMetrics | undefined): RunSeries {
  const spans = metrics ? bucketsOf(metrics) : [];
  const series = (
    title: string,
    token: Series["token"],
    value: (bucket: Bucket) => number | null | undefined,
  ): Series => ({ title, token, values: spans.map((bucket) => value(bucket) ?? null) });
  return {
    spans,
    ends: [
      series("Failed", "bad-bar", (it) => it.failed),
      series("Completed", "ok-bar", (it) => it.completed),
      series("Cancelled", "off-bar", (it) => it.cancelled),
    ],
    rate: [series("Failed", "bad-bar", failureRate)],
    durations: [
      series("p50", "accent", (it) => it.durationMs?.p50),
      series("p95", "wait-bar", (it) => it.durationMs?.p95),
    ],
  };
}
