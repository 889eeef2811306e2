/**
 * A time range as the URL keeps it: `since=24h`, or `from` and `until` as ISO times. Relative ranges stay relative.
 */
import { serverClock } from "./clock";
import { zone, zonedTime, type Zone } from "./zone";

export interface Range {
  since?: string;
  from?: string;
  until?: string;
}

export const PRESETS = ["5m", "15m", "1h", "6h", "24h", "3d", "7d", "30d"] as const;
export const DEFAULT_SINCE = "24h";

const UNITS: Record<string, number> = { s: 1e3, m: 60e3, h: 3600e3, d: 86_400e3, w: 604_800e3 };

/** `90s`, `2d` in milliseconds. */
export function parseSpan(text: string): number | undefined {
  const match = /^(\d{1,6})\s*([smhdw])$/.exec(text.trim());
  const unit = match?.[2];
  return unit === undefined ? undefined : Number(match?.[1]) * (UNITS[unit] ?? 0);
}

/** What people type: a span, `yesterday`, `14:00..15:30`, or two ISO times with `..` between. */
export function parseRange(text: string, now: number): Range | undefined {
  const typed = text.trim();
  if (parseSpan(typed) !== undefined) return { since: typed.replace(/\s/g, "") };
  if (typed === "today" || typed === "yesterday") {
    const start = new Date(now);
    start.setHours(0, 0, 0, 0);
    if (typed === "today") return { from: start.toISOString() };
    const before = new Date(start);
    before.setDate(before.getDate() - 1);
    return { from: before.toISOString(), until: start.toISOString() };
  }
  const [first, second] = typed.split("..");
  if (first === undefined || second === undefined) return undefined;
  const from = moment(first, now);
  const until = second.trim() === "" ? undefined : moment(second, now);
  if (from === undefined || (second.trim() !== "" && until === undefined)) return undefined;
  if (until !== undefined && until <= from) return undefined;
  return { from: new Date(from).toISOString(), ...(until ? { until: new Date(until).toISOString() } : {}) };
}

function moment(text: string, now: number): number | undefined {
  const match = /^(\d{1,2}):(\d{2})(?::(\d{2}))?$/.exec(text.trim());
  if (match) {
    const date = new Date(now);
    date.setHours(Number(match[1]), Number(match[2]), Number(match[3] ?? 0), 0);
    return date.getTime();
  }
  const at = Date.parse(text.trim());
  return Number.isNaN(at) ? undefined : at;
}

/** The bounds in milliseconds. */
export function bounds(range: Range, now: number): [number, number] {
  const until = range.until === undefined ? now : Date.parse(range.until);
  if (range.from !== undefined) return [Date.parse(range.from), until];
  return [now - (parseSpan(range.since ?? DEFAULT_SINCE) ?? 86_400e3), until];
}

/** Times are in the zone that is shown, and say which that is. */
export function rangeWords(range: Range, shown: Zone = zone(), now = serverClock.now()): string {
  const words = (text: string) => zonedTime(Date.parse(text), shown, { now });
  if (range.from === undefined) {
    const last = `last ${range.since ?? DEFAULT_SINCE}`;
    if (range.until === undefined) return last;
    return range.since === undefined
      ? `before ${words(range.until)}`
      : `${last}, before ${words(range.until)}`;
  }
  return `${words(range.from)} – ${range.until ? words(range.until) : "now"}`;
}
