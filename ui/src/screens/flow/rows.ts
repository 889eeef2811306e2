/** The rows of the list: what of each function runs, waits, is held back, and why. */
import type { FlowSummary, Function, Limit } from "../../api/types";
import { counted } from "./words";

export interface FlowRow {
  fn: Function;
  /** Whether it is known what it does. */
  isKnown: boolean;
  inUse: number;
  backlog: number;
  /** Since when the oldest waits, in milliseconds of the server. */
  oldestAt: number | undefined;
  /** `3 debounced`, `2 batches`. */
  held: readonly string[];
  /** What lets nothing go. */
  blocks: readonly Limit[];
  isPaused: boolean;
  overrides: number;
}

export function rowOf(fn: Function, summary: FlowSummary | undefined, readAt: number): FlowRow {
  const { inUse = 0, backlog = 0, oldestAgeMs: age, blockedBy = [], overrides = 0 } = summary ?? {};
  return {
    fn,
    isKnown: summary !== undefined,
    inUse,
    backlog,
    oldestAt: age === undefined ? undefined : readAt - age,
    held: heldWords(summary),
    blocks: blockedBy,
    isPaused: summary ? summary.pause !== undefined : fn.isPaused === true,
    overrides,
  };
}

function heldWords({
  debounces = 0,
  batches = 0,
  singletons = 0,
  places = 0,
}: Partial<FlowSummary> = {}): string[] {
  return [
    debounces > 0 && counted(debounces, "debounce"),
    batches > 0 && counted(batches, "batch", "batches"),
    singletons > 0 && counted(singletons, "singleton"),
    places > 0 && `${counted(places, "place")} taken`,
  ].filter((word) => word !== false);
}

export function isBusy(row: FlowRow): boolean {
  return (
    row.inUse > 0 ||
    row.backlog > 0 ||
    row.held.length > 0 ||
    row.blocks.length > 0 ||
    row.isPaused ||
    row.overrides > 0
  );
}

/** What waits most comes first, then what is held back or paused, then what runs; the rest by name. */
export function byNeed(a: FlowRow, b: FlowRow): number {
  return (
    b.backlog - a.backlog ||
    Number(b.isPaused) - Number(a.isPaused) ||
    b.held.length - a.held.length ||
    b.inUse - a.inUse ||
    (a.fn.name || a.fn.id).localeCompare(b.fn.name || b.fn.id)
  );
}

/** `before` as far as it is still there, then what is new. */
export function steady(before: readonly string[], wanted: readonly string[]): readonly string[] {
  const known = new Set(before);
  const there = new Set(wanted);
  return [...before.filter((it) => there.has(it)), ...wanted.filter((it) => !known.has(it))];
}
