// Kills of the server, again and again until two full minutes have passed, and above all around those. What goes on
// meanwhile can be timed by them.

import { setTimeout as delay } from "node:timers/promises";
import type { Random } from "../../harness/random.ts";
import type { World } from "../../harness/world.ts";

const MINUTE_MS = 60_000;
const MINUTES = 2;
/** Between the beginning and the first of the minutes, and between the last of them and the end. */
const MARGIN_MS = 4_000;
/** From one kill to the next. */
const GAP_MS = { from: 400, to: 2_500 };
/** How long the server stays dead. */
const DOWN_MS = { from: 0, to: 150 };
/** From the release of those who want to be struck until the blow. */
const AIM_MS = { from: 0, to: 8 };

/** Where in relation to a kill something is done: so that it is cut off, as soon as the server is dead, or is back. */
export const MOMENTS = ["before", "during", "after"] as const;
export type Moment = (typeof MOMENTS)[number];

interface Kill {
  at: number;
  downMs: number;
}

export class Storm {
  /** The full minutes that it covers. */
  readonly minutes: readonly number[];
  /** Settled when the server has been brought back for the last time. */
  readonly over: Promise<void>;
  kills = 0;
  readonly #world: World;
  readonly #random: Random;
  readonly #begin = Date.now();
  readonly #end: number;
  readonly #waiting: Record<Moment, (() => void)[]> = { before: [], during: [], after: [] };
  #isOver = false;

  constructor(world: World, random: Random) {
    this.#world = world;
    this.#random = random;
    const first = Math.ceil((this.#begin + MARGIN_MS) / MINUTE_MS) * MINUTE_MS;
    this.minutes = Array.from({ length: MINUTES }, (_, i) => first + i * MINUTE_MS);
    this.#end = this.minutes.at(-1)! + MARGIN_MS;
    this.over = this.#rage();
    // Whoever awaits it is told; until then, a failure is nobody's unhandled rejection.
    this.over.catch(() => undefined);
  }

  /** Resolves at this point of the next kill; at once when there are no more. */
  moment(which: Moment): Promise<void> {
    if (this.#isOver) return Promise.resolve();
    return new Promise((resolve) => this.#waiting[which].push(resolve));
  }

  /** Resolves some time before the end, of which at least this much is left if all goes well. */
  async sometime(random: Random, leavingMs: number): Promise<void> {
    const latest = Math.max(Date.now() + 1, this.#end - leavingMs);
    await delay(random.between(0, latest - Date.now()));
  }

  async #rage(): Promise<void> {
    try {
      for (const { at, downMs } of this.#plan()) {
        await delay(Math.max(0, at - Date.now()));
        await this.#strike(downMs);
      }
    } finally {
      this.#isOver = true;
      for (const moment of MOMENTS) this.#release(moment);
    }
  }

  #plan(): Kill[] {
    const random = this.#random;
    const kills: Kill[] = [];
    const kill = (at: number, downMs = random.between(DOWN_MS.from, DOWN_MS.to)): void => void kills.push({ at, downMs });
    for (let at = this.#begin; at < this.#end; at += random.between(GAP_MS.from, GAP_MS.to)) kill(at);
    for (const [i, minute] of this.minutes.entries()) {
      // One of them passes while the server is dead.
      if (i % 2 === 1) kill(minute - random.between(50, 300), 500);
      for (let times = 0; times < 2; times++) kill(minute + random.between(0, 30) + times * 300);
    }
    return kills.sort((a, b) => a.at - b.at);
  }

  async #strike(downMs: number): Promise<void> {
    this.#release("before");
    await delay(this.#random.between(AIM_MS.from, AIM_MS.to));
    const dead = this.#world.server.kill();
    this.#release("during");
    await dead;
    await delay(downMs);
    await this.#world.server.start();
    this.kills++;
    this.#release("after");
  }

  #release(moment: Moment): void {
    for (const resolve of this.#waiting[moment].splice(0)) resolve();
  }
}
