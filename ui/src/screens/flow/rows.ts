/** The rows of the list: what of each function runs, waits, is held back, and why. */
import type { FlowReport, Function, Limit } from "../../api/types";
import { counted } from "./words";

export interface FlowRow {
  fn: Function;
  report: FlowReport | undefined;
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

export function rowOf(fn: Function, report: FlowReport | undefined): FlowRow {
  const blocks = (report?.lanes ?? []).flatMap((lane) => lane.blockedBy ?? []);
  const app = (report?.limits ?? []).filter(({ name, admits }) => name === "app" && admits === false);
  const age = report?.oldestAgeMs;
  return {
    fn,
    report,
    inUse: report?.inUse ?? 0,
    backlog: report?.backlog ?? 0,
    oldestAt: report && age != null ? report.readAt - age : undefined,
    held: heldWords(report),
    blocks: [...new Map([...app, ...blocks].map((limit) => [limit.id, limit])).values()],
    isPaused: report ? report.pause != null : fn.isPaused === true,
    overrides: report?.overrides?.length ?? 0,
  };
}

function heldWords(report: FlowReport | undefined): string[] {
  const { debounces = [], batches = [], holders = [] } = report ?? {};
  const singletons = holders.filter(({ kind }) => kind === "singleton").length;
  const places = holders.length - singletons;
  return [
    debounces.length > 0 && counted(debounces.length, "debounce"),
    batches.length > 0 && counted(batches.length, "batch", "batches"),
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

/** Functions whose flow changes without a call of theirs that could be counted. */
export function canHold(fn: Function): boolean {
  return ["debounce", "eventsBatch", "singleton"].some((name) => fn.configuration[name] !== undefined);
}
