// What a client of one app does while the server dies now and then: it asks again until it is answered.

import { newSeed } from "../../harness/api.ts";
import { RunEvidence } from "../../harness/evidence.ts";
import type { Flavour } from "../../harness/flavours.ts";
import type { World } from "../../harness/world.ts";

const FINAL = new Set(["Completed", "Failed", "Cancelled"]);
/** For a run to end, after everything that it waited for has happened. */
const END_CEILING_MS = 90_000;

/** Something was asked for, and acknowledged. */
export interface Acknowledged {
  /** When it was asked for the first time: the server cannot have known before. */
  askedAt: number;
  /** When the answer had arrived: the server must have known by then. */
  acknowledgedAt: number;
}

export interface Ended {
  status: string;
  output: unknown;
}

export class Client {
  readonly #world: World;
  readonly #flavour: Flavour;

  constructor(world: World, flavour: Flavour) {
    this.#world = world;
    this.#flavour = flavour;
  }

  /** Sends an event of the app, under one seed however often it takes. */
  async send(name: string, data: object): Promise<Acknowledged & { eventId: string }> {
    const [seed, askedAt] = [newSeed(), Date.now()];
    const event = { name: `${this.#flavour.name}/${name}`, data };
    const eventId = await this.#insist(`event ${event.name} is acknowledged`, () => this.#world.server.api.send(event, seed));
    return { eventId, askedAt, acknowledgedAt: Date.now() };
  }

  /** Starts a function that listens to the app's event of its name, and returns the run. */
  async start(fn: string, data: object): Promise<string> {
    const { eventId } = await this.send(fn, data);
    return this.#insist(
      `event ${eventId} starts a run`,
      async () => (await this.#world.server.api.eventRuns(eventId))[0]?.run_id,
    );
  }

  /** Waits until the server holds the step. Tells whether it was seen before it ended. */
  async pausesAt(run: string, step: string): Promise<boolean> {
    const { endedAt } = await this.#insist(`run ${run} pauses at ${step}`, async () =>
      (await this.#world.server.api.steps(run)).find(({ name }) => name === step),
    );
    return endedAt === undefined;
  }

  /** Sends a signal. One whose answer was lost may have used the wait up: then nobody waits for it any more. */
  async signal(name: string, data: unknown): Promise<void> {
    let times = 0;
    await this.#insist(`signal ${name} is acknowledged`, async () => {
      times++;
      const { status } = await this.#world.server.api.signal(name, data);
      if (status === 200 || (status === 404 && times > 1)) return true;
      throw new Error(`signal ${name} was answered with ${status}`);
    });
  }

  /** Has the run cancelled, and returns what it is by then. */
  async cancel(run: string): Promise<Ended> {
    await this.#insist(`the cancellation of run ${run} is acknowledged`, async () => {
      const { status } = await this.#world.server.api.cancelRun(run);
      if (status !== 200) throw new Error(`the cancellation of run ${run} was answered with ${status}`);
      return true;
    });
    return this.now(run);
  }

  async now(run: string): Promise<Ended> {
    const { status, output } = await this.#insist(`run ${run} is known`, () => this.#world.server.api.run(run));
    return { status, output };
  }

  /** Waits for the end of the run. */
  ended(run: string): Promise<Ended> {
    return this.#insist(
      `run ${run} ends`,
      async () => {
        const { status, output } = await this.#world.server.api.run(run);
        return FINAL.has(status) && { status, output };
      },
      END_CEILING_MS,
    );
  }

  evidence(run: string): RunEvidence {
    return new RunEvidence(run, this.#world.app(this.#flavour.name).journal.entries());
  }

  /** What functions of the app wrote down under this name, and which runs of them did. */
  notes(name: string): { run: string; value: unknown }[] {
    const entries = this.#world.app(this.#flavour.name).journal.entries();
    return entries.flatMap((entry) => (entry.kind === "note" && entry.name === name ? [entry] : []));
  }

  #insist<T>(what: string, ask: () => Promise<T | undefined | false>, ceilingMs?: number): Promise<T> {
    return this.#world.insist(`${this.#flavour.name}: ${what}`, ask, ceilingMs);
  }
}
