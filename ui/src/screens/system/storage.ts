/** What is stored, in words and shares; and how long commits took. */
import type { Storage, StorageUse } from "../../api/types";
import type { Sample } from "../../api/samples";

export interface Kind extends StorageUse {
  id: string;
  word: string;
  what: string;
  /** A class for its part of the bar. */
  bar: string;
}

const KINDS: readonly Omit<Kind, "rows" | "bytes">[] = [
  { id: "runs", word: "Runs", what: "with their steps and outputs", bar: "bg-run-bar" },
  { id: "events", word: "Events", what: "with their payloads", bar: "bg-ok-bar" },
  { id: "traces", word: "Traces", what: "attempts and spans", bar: "bg-wait-bar" },
  { id: "metrics", word: "Metrics", what: "rollups and groups of errors", bar: "bg-accent" },
  { id: "live", word: "Live state", what: "what runs, waits, and is set up", bar: "bg-off-bar" },
];

/** In the order in which they are shown; one that is new to this page comes last, under its own name. */
export function kindsOf(classes: NonNullable<Storage["classes"]>): Kind[] {
  const known = KINDS.flatMap((kind) => {
    const use = classes[kind.id];
    return use ? [{ ...kind, ...use }] : [];
  });
  const others = Object.entries(classes).filter(([id]) => KINDS.every((kind) => kind.id !== id));
  return [
    ...known,
    ...others.map(([id, use]) => ({ id, word: id, what: "", bar: "bg-line-strong", ...use })),
  ];
}

/** `0.4 %`, `12 %`; what is there is never none. */
export function shareText(part: number, all: number): string {
  if (all <= 0 || part <= 0) return "0 %";
  const percent = (part / all) * 100;
  if (percent < 0.1) return "<0.1 %";
  return `${percent < 10 ? percent.toFixed(1) : percent.toFixed(0)} %`;
}

/** The words of a duration of the API: `4w2d` is `30 days`. */
export function keptText(text: string | null | undefined): string {
  if (text == null) return "For ever";
  const parts = [...text.matchAll(/(\d+)(ms|[wdhms])/g)];
  const hours = parts.reduce((sum, [, number, unit]) => sum + Number(number) * (HOURS[unit ?? ""] ?? NaN), 0);
  if (parts.length === 0 || !Number.isInteger(hours)) return text;
  if (hours % 24 !== 0) return hours === 1 ? "1 hour" : `${hours.toLocaleString("en-US")} hours`;
  return hours === 24 ? "1 day" : `${(hours / 24).toLocaleString("en-US")} days`;
}

const HOURS: Record<string, number> = { w: 168, d: 24, h: 1 };

/**
 * Milliseconds below which this part of what a histogram counted was: the end of a bucket. Nothing if it counted
 * nothing, infinite if it was above the last.
 */
export function quantileMs(buckets: readonly Sample[], part: number): number | undefined {
  const ends = buckets
    .map(({ labels, value }) => ({ end: labels["le"] === "+Inf" ? Infinity : Number(labels["le"]), value }))
    .sort((a, b) => a.end - b.end);
  const all = ends.at(-1)?.value ?? 0;
  if (all === 0) return undefined;
  const end = ends.find(({ value }) => value >= all * part)?.end ?? Infinity;
  return end * 1000;
}
