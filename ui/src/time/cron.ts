/** Schedules in words: `0 9 * * 1` is `At 09:00, only on Monday`. */
import cronstrue from "cronstrue";

export interface Schedule {
  words: string;
  /** Without it the schedule is in UTC. */
  zone: string | undefined;
}

/** Of `TZ=Europe/Paris 0 9 * * 1`; what can't be read is shown as it is. */
export function scheduleOf(cron: string): Schedule {
  const [, zone, rest] = /^(?:CRON_)?TZ=(\S+)\s+(.*)$/.exec(cron.trim()) ?? [
    undefined,
    undefined,
    cron.trim(),
  ];
  return { words: worded(rest ?? cron), zone };
}

/** Zone included: `At 09:00, only on Monday, Europe/Paris`. */
export function cronWords(cron: string): string {
  const { words, zone } = scheduleOf(cron);
  return `${words}${zone === undefined ? "" : `, ${zone}`}`;
}

function worded(cron: string): string {
  try {
    return cronstrue.toString(cron, { use24HourTimeFormat: true, verbose: false });
  } catch {
    return cron;
  }
}
