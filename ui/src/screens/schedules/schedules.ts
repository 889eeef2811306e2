/** Schedules as they are listed: in which order, and when they come next. */
import type { Schedule } from "../../api/types";

export const ORDERS = ["function", "next"] as const;
export type Order = (typeof ORDERS)[number];

/** Two schedules of a function differ by their texts. */
export function idOf({ function: fn, cron }: Schedule): string {
  return `${fn.slug} ${cron}`;
}

/** The times to come that are still to come. */
export function timesOf({ nextAt = [] }: Schedule, now: number): number[] {
  return nextAt.map((at) => Date.parse(at)).filter((at) => at >= now);
}

export function inOrder(schedules: readonly Schedule[], order: Order): Schedule[] {
  const name = ({ function: fn }: Schedule) => fn.name || fn.id;
  const first = ({ nextAt = [] }: Schedule) => (nextAt[0] === undefined ? Infinity : Date.parse(nextAt[0]));
  const byName = (a: Schedule, b: Schedule) => name(a).localeCompare(name(b)) || a.cron.localeCompare(b.cron);
  return schedules.toSorted((a, b) => {
    // Those that never come are equally far away.
    const [x, y] = [first(a), first(b)];
    return (order === "next" && x !== y ? x - y : 0) || byName(a, b);
  });
}

/** `Mon 2026-11-30 09:00:00`, as it is where the schedule is. */
export function timeIn(zone: string, at: number): string {
  try {
    const day = new Intl.DateTimeFormat("en-US", { timeZone: zone, weekday: "short" }).format(at);
    const rest = new Intl.DateTimeFormat("sv-SE", {
      timeZone: zone,
      dateStyle: "short",
      timeStyle: "medium",
    }).format(at);
    return `${day} ${rest}`;
  } catch {
    // A zone that this browser does not know.
    return new Date(at).toISOString();
  }
}

/** Whether what is told of runs may have changed what is shown of schedules. */
export function isOfSchedule(row: Record<string, unknown>): boolean {
  const trigger = row["trigger"] as { cronSchedule?: unknown } | undefined;
  return trigger?.cronSchedule !== undefined;
}
