/** What the charts of runs show, from the rollups of the API. */
import type { RunCounts, RunMetrics, Spread } from "../../api/types";
import { bucketsOf, failureRate, type Bucket, type Series } from "../../kit/charts";

type Read = (bucket: Bucket) => number | null;
type Shape = readonly (readonly [title: string, token: Series["token"], read: Read])[];

const spread = (of: "durationMs" | "queueDelayMs", part: keyof Spread): Read => {
  return (bucket) => bucket[of]?.[part] ?? null;
};

export const ENDS: Shape = [
  ["Failed", "bad-bar", (it) => it.failed],
  ["Completed", "ok-bar", (it) => it.completed],
  ["Cancelled", "off-bar", (it) => it.cancelled],
  ["Skipped", "wait-bar", (it) => it.skipped],
];
export const STARTS: Shape = [
  ["Queued", "off-bar", (it) => it.scheduled],
  ["Started", "run-bar", (it) => it.started],
];
export const RATE: Shape = [["Failed", "bad-bar", (it) => failureRate(it) ?? null]];
export const DURATIONS: Shape = [
  ["p50", "accent", spread("durationMs", "p50")],
  ["p95", "wait-bar", spread("durationMs", "p95")],
  ["p99", "bad-bar", spread("durationMs", "p99")],
];
export const DELAYS: Shape = [
  ["p50", "accent", spread("queueDelayMs", "p50")],
  ["p95", "wait-bar", spread("queueDelayMs", "p95")],
  ["p99", "bad-bar", spread("queueDelayMs", "p99")],
];

/** Before there are buckets, the names of the series. */
export function seriesOf(shape: Shape, buckets: readonly Bucket[] = []): Series[] {
  return shape.map(([title, token, read]) => ({ title, token, values: buckets.map(read) }));
}

export function spreadPart(spread: Spread | null | undefined, title: string): number | undefined {
  return spread?.[title as keyof Spread];
}

/** So many bars fit in a row of a table. */
const BARS_MAX = 40;

/** Neighbouring buckets are put together until they fit. */
export function barsOf(metrics: RunMetrics): { total: number; bad: number }[] {
  const buckets = bucketsOf(metrics);
  const width = Math.max(1, Math.ceil(buckets.length / BARS_MAX));
  const bars: { total: number; bad: number }[] = [];
  for (let i = 0; i < buckets.length; i += width) {
    const some = buckets.slice(i, i + width);
    const sum = (read: (counts: RunCounts) => number) => some.reduce((total, it) => total + read(it), 0);
    const bad = sum((it) => it.failed);
    bars.push({ bad, total: bad + sum((it) => it.completed + it.cancelled) });
  }
  return bars;
}

/** `12 % more than before`, `3 % less than before`, `20 × what it was before`; nothing if there was nothing before. */
export function changeWords(now: number | undefined, before: number | undefined): string | undefined {
  if (now === undefined || before === undefined || before === 0) return undefined;
  const percent = Math.round(((now - before) / before) * 100);
  if (percent === 0) return "as before";
  if (percent >= MUCH_PERCENT) return `${(now / before).toFixed(0)} × what it was before`;
  return `${Math.abs(percent)} % ${percent > 0 ? "more" : "less"} than before`;
}

/** From then on a change is told as a factor. */
const MUCH_PERCENT = 400;
