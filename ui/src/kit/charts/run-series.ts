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
