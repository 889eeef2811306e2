/** The runs of events, by event: they come with lists of runs, not with lists of events. */
import type { Run, SpanStatus } from "../../api/types";
import { runStatus } from "../../kit/status";

export type RunsByEvent = ReadonlyMap<string, readonly Run[]>;

/** Of a run that is there twice the last is right. */
export function runsByEvent(runs: Iterable<Run>): RunsByEvent {
  const newest = new Map<string, Run>();
  for (const run of runs) newest.set(run.id, run);
  const found = new Map<string, Run[]>();
  for (const run of newest.values()) {
    for (const event of run.trigger.eventIds ?? []) {
      const others = found.get(event);
      if (others) others.push(run);
      else found.set(event, [run]);
    }
  }
  return found;
}

export interface Mark {
  status: SpanStatus;
  count: number;
}

const ORDER: readonly SpanStatus[] = [
  "FAILED",
  "RUNNING",
  "WAITING",
  "QUEUED",
  "COMPLETED",
  "CANCELLED",
  "SKIPPED",
];

/** What needs attention comes first. */
export function marksOf(runs: readonly Run[]): Mark[] {
  return ORDER.flatMap((status) => {
    const count = runs.filter((run) => runStatus(run) === status).length;
    return count === 0 ? [] : [{ status, count }];
  });
}

const MINUTE = 60_000;

/**
 * The time in which the runs of events were queued, in whole minutes, so that it does not change with every event.
 * Runs that were held back came later, and are not looked for.
 */
export function timeOf(
  events: readonly { receivedAt: string }[],
): { from: string; until: string } | undefined {
  const times = events.map((event) => Date.parse(event.receivedAt));
  if (times.length === 0) return undefined;
  const from = Math.floor(Math.min(...times) / MINUTE) * MINUTE;
  const until = (Math.floor(Math.max(...times) / MINUTE) + 2) * MINUTE;
  return { from: new Date(from).toISOString(), until: new Date(until).toISOString() };
}
