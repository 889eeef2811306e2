// Waiting for conditions. Nothing in these tests sleeps and hopes.

import { setTimeout as delay } from "node:timers/promises";

/** Far longer than anything takes on a busy machine: reaching it is a failure, not a matter of pace. */
const CEILING_MS = 60_000;
const POLL_MS = { first: 10, longest: 250 };

export interface Patience {
  ceilingMs?: number;
  /** Looked at before every try; throws when waiting has become pointless. */
  guard?: () => void;
  /** Added to the error when the ceiling is reached. */
  explain?: () => string;
}

/** Tries until `probe` gives something other than undefined or false, and returns that. */
export async function until<T>(
  what: string,
  probe: () => T | undefined | false | Promise<T | undefined | false>,
  { ceilingMs = CEILING_MS, guard, explain }: Patience = {},
): Promise<T> {
  const deadline = Date.now() + ceilingMs;
  for (let pause = POLL_MS.first; ; pause = Math.min(pause * 1.5, POLL_MS.longest)) {
    guard?.();
    const found = await probe();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > deadline) {
      throw new Error(`waited ${ceilingMs} ms in vain: ${what}${explain === undefined ? "" : `\n${explain()}`}`);
    }
    await delay(pause);
  }
}
