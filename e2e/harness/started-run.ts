// A run as a test follows it: started by an event of its own, watched while it goes on, and asked how it ended.

import assert from "node:assert/strict";
import type { EventBody, Run } from "./api.ts";
import { RunEvidence } from "./evidence.ts";
import type { Flavour } from "./flavours.ts";
import type { World } from "./world.ts";

export class StartedRun {
  readonly id: string;
  readonly eventId: string;
  readonly #world: World;
  readonly #flavour: Flavour;

  /** Sends the event that the function listens to, and waits until there is a run. */
  static async of(
    world: World,
    flavour: Flavour,
    fn: string,
    data: object = {},
    more: Omit<EventBody, "name" | "data"> = {},
  ): Promise<StartedRun> {
    const eventId = await world.server.api.send({ name: `${flavour.name}/${fn}`, data, ...more });
    return StartedRun.byEvent(world, flavour, eventId);
  }

  /** Starts runs by one request, so that no time passes between them however busy the machine is. */
  static async all(world: World, flavour: Flavour, fn: string, data: readonly object[]): Promise<StartedRun[]> {
    const eventIds = await world.server.api.sendAll(data.map((data) => ({ name: `${flavour.name}/${fn}`, data })));
    return Promise.all(eventIds.map((eventId) => StartedRun.byEvent(world, flavour, eventId)));
  }

  /** The run that an event which is known to the server has started, or is about to. */
  static async byEvent(world: World, flavour: Flavour, eventId: string): Promise<StartedRun> {
    const run = await world.until(`event ${eventId} starts a run`, async () => (await world.server.api.eventRuns(eventId))[0]);
    return new StartedRun(world, flavour, run.run_id, eventId);
  }

  private constructor(world: World, flavour: Flavour, id: string, eventId: string) {
    this.#world = world;
    this.#flavour = flavour;
    this.id = id;
    this.eventId = eventId;
  }

  /** What the app has written down so far. */
  evidence(): RunEvidence {
    return new RunEvidence(this.id, this.#world.app(this.#flavour.name).journal.entries());
  }

  /** Waits until the server holds a step of this name that has not ended: it sleeps, or waits for something. */
  async pausesAt(step: string): Promise<void> {
    await this.#world.until(`run ${this.id} pauses at ${step}`, async () => {
      const { status } = await this.#world.server.api.run(this.id);
      assert.ok(status === "Running" || status === "Scheduled", `run ${this.id} is ${status} instead of pausing at ${step}`);
      const steps = await this.#world.server.api.steps(this.id);
      return steps.some(({ name, endedAt }) => name === step && endedAt === undefined);
    });
  }

  /** Waits until the app begins to execute the step. */
  async executes(step: string): Promise<void> {
    await this.#world.until(`run ${this.id} executes ${step}`, () => this.evidence().starts(step).length > 0);
  }

  /** Waits until the app has written down the end of an execution of the step. */
  async hasExecuted(step: string): Promise<void> {
    await this.#world.until(`run ${this.id} has executed ${step}`, () => this.evidence().ends(step).length > 0);
  }

  /** The output of the run, which must complete. */
  completed(): Promise<unknown> {
    return this.#ended("Completed");
  }

  /** The error of the run, which must fail. */
  async failed(): Promise<{ name?: string; message: string }> {
    return (await this.#ended("Failed")) as { name?: string; message: string };
  }

  async cancelled(): Promise<void> {
    await this.#ended("Cancelled");
  }

  async #ended(expected: Run["status"]): Promise<unknown> {
    await this.#world.endedRuns(this.eventId);
    const { status, output } = await this.#world.server.api.run(this.id);
    assert.equal(status, expected, `run ${this.id} ended as ${status}: ${JSON.stringify(output)}`);
    return output;
  }
}
