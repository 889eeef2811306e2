/**
 * Rollups of runs as charts need them. The API leaves out the buckets in which nothing happened; a chart shows the
 * whole range.
 */
import type { RunCounts, RunMetrics } from "../../api/types";

export interface Bucket extends RunCounts {
  /** Unix milliseconds; the end is that of the whole bucket, also of one that is not over. */
  start: number;
  end: number;
}

/** A broken answer must not make the page build buckets for ever. */
const BUCKETS_MAX = 5_000;

const UNITS: Record<string, number> = {
  w: 604_800e3,
  d: 86_400e3,
  h: 3_600e3,
  m: 60e3,
  s: 1e3,
  ms: 1,
};

const NONE: RunCounts = { scheduled: 0, started: 0, completed: 0, failed: 0, cancelled: 0, skipped: 0 };

/** `15m`, `1h30m`, `1d` in milliseconds. */
export function widthOf(text: string): number | undefined {
  if (!/^(\d+(ms|[wdhms]))+$/.test(text)) return undefined;
  let width = 0;
  for (const [, number, unit] of text.matchAll(/(\d+)(ms|[wdhms])/g))
    width += Number(number) * (UNITS[unit ?? ""] ?? 0);
  return width > 0 ? width : undefined;
}

/** All buckets from the first to the last, those without anything too. */
export function bucketsOf(metrics: Pick<RunMetrics, "bucket" | "from" | "until" | "buckets">): Bucket[] {
  const width = widthOf(metrics.bucket);
  if (width === undefined) return [];
  const known = new Map((metrics.buckets ?? []).map((bucket) => [Date.parse(bucket.start), bucket]));
  const buckets: Bucket[] = [];
  const until = Date.parse(metrics.until);
  for (let start = Date.parse(metrics.from); start < until && buckets.length < BUCKETS_MAX; start += width) {
    const counts: RunCounts = known.get(start) ?? NONE;
    buckets.push({ ...counts, start, end: start + width });
  }
  return buckets;
}

/** Runs that came to an end, and were not skipped. */
export function ended(counts: RunCounts): number {
  return counts.completed + counts.failed + counts.cancelled;
}

/** Of the runs that ended by themselves, the part that failed; none if none ended. */
export function failureRate({ completed, failed }: RunCounts): number | undefined {
  const all = completed + failed;
  return all === 0 ? undefined : failed / all;
}

/** `0 %`, `<0.1 %`, `2.4 %`, `37 %`, `100 %`: only none is 0, and only all is 100. */
export function percent(rate: number): string {
  const value = rate * 100;
  if (value === 0 || value === 100) return `${value} %`;
  if (value < 0.1) return "<0.1 %";
  if (value < 10) return `${value.toFixed(1)} %`;
  return `${Math.min(99, Math.round(value))} %`;
}
