// A server and its apps in a temporary folder, started together and cleaned up together.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Run } from "./api.ts";
import { App } from "./app.ts";
import { FLAVOURS, type Flavour } from "./flavours.ts";
import type { Entry } from "./journal.ts";
import { serverBinary } from "./paths.ts";
import { freePort } from "./ports.ts";
import { originOf, Server } from "./server.ts";
import { until } from "./until.ts";

const FINAL = new Set(["Completed", "Failed", "Cancelled"]);

export interface WorldOptions {
  /** Which set of functions the apps serve. */
  functions: string;
  flavours?: Flavour[];
  /** Whether the server is told where the apps are; true unless said otherwise. */
  knowsApps?: boolean;
}

export class World {
  readonly server: Server;
  readonly apps: App[];
  readonly #folder: string;

  /** Prepared, with nothing running yet. */
  static async prepare({ functions, flavours = FLAVOURS, knowsApps = true }: WorldOptions): Promise<World> {
    const binary = serverBinary();
    const folder = mkdtempSync(join(tmpdir(), "everstep-e2e-"));
    const port = await freePort();
    const apps = await Promise.all(
      flavours.map((flavour) => App.prepare({ flavour, functions, folder, serverOrigin: originOf(port) })),
    );
    const appUrls = knowsApps ? apps.map((app) => app.url) : [];
    return new World(new Server({ binary, port, folder, appUrls }), apps, folder);
  }

  /** Everything running and synced. */
  static async start(options: WorldOptions): Promise<World> {
    const world = await World.prepare(options);
    try {
      await Promise.all(world.apps.map((app) => app.start()));
      await world.server.start();
      await world.until("all apps are synced", async () => {
        const functions = await world.server.api.functions();
        const events = functions.flatMap(({ triggers }) => triggers.map(({ event }) => event ?? ""));
        return world.apps.every((app) => events.some((event) => event.startsWith(`${app.id}/`)));
      });
      return world;
    } catch (error) {
      await world.stop();
      throw error;
    }
  }

  private constructor(server: Server, apps: App[], folder: string) {
    this.server = server;
    this.apps = apps;
    this.#folder = folder;
  }

  /** Everything that the apps have written down so far; a run belongs to one app, so its entries are in order. */
  entries(): Entry[] {
    return this.apps.flatMap((app) => app.journal.entries());
  }

  app(id: Flavour["name"]): App {
    const app = this.apps.find((app) => app.id === id);
    if (app === undefined) throw new Error(`there is no app ${id} here`);
    return app;
  }

  /** Waits for a condition, and fails early with a log when a process has died. */
  until<T>(what: string, probe: () => T | undefined | false | Promise<T | undefined | false>, ceilingMs?: number): Promise<T> {
    return until(what, probe, {
      guard: () => this.assertAlive(),
      explain: () => this.logs(),
      ...(ceilingMs === undefined ? {} : { ceilingMs }),
    });
  }

  /** Asks a server that dies now and then, until it lives long enough to give an answer that will do. */
  insist<T>(what: string, ask: () => Promise<T | undefined | false>, ceilingMs?: number): Promise<T> {
    const persistent = async (): Promise<T | undefined | false> => {
      try {
        return await ask();
      } catch (error) {
        // What `fetch` throws when the connection fails; a refusal is an error of another kind.
        if (error instanceof TypeError) return undefined;
        throw error;
      }
    };
    return this.until(what, persistent, ceilingMs);
  }

  /** Waits until the event has this many runs and all of them have ended. */
  endedRuns(eventId: string, count = 1, ceilingMs?: number): Promise<Run[]> {
    return this.until(
      `${count} run(s) of event ${eventId} end`,
      async () => {
        const runs = await this.server.api.eventRuns(eventId);
        return runs.length >= count && runs.every(({ status }) => FINAL.has(status)) && runs;
      },
      ceilingMs,
    );
  }

  assertAlive(): void {
    this.server.assertAlive();
    for (const app of this.apps) app.assertAlive();
  }

  logs(): string {
    return [this.server, ...this.apps].map((process) => process.log()).join("\n");
  }

  /** Ends everything; a process that died unnoticed until now is still reported. */
  async stop(): Promise<void> {
    try {
      this.assertAlive();
    } finally {
      await Promise.allSettled([this.server.kill(), ...this.apps.map((app) => app.kill())]);
      if (process.env["E2E_KEEP"] === undefined) rmSync(this.#folder, { recursive: true, force: true });
      else console.log(`kept: ${this.#folder}`);
    }
  }
}
