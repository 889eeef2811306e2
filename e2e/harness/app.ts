// An app process and its journal. The journal outlives the process.

import { join } from "node:path";
import type { Flavour } from "./flavours.ts";
import { JournalReader } from "./journal.ts";
import { cleanEnvironment, E2E } from "./paths.ts";
import { freePort } from "./ports.ts";
import { Process } from "./process.ts";
import { until } from "./until.ts";

export interface AppOptions {
  flavour: Flavour;
  serverOrigin: string;
  /** Where the journal goes. */
  folder: string;
  /** Which set of functions it serves. */
  functions: string;
}

export class App {
  readonly flavour: Flavour;
  readonly journal: JournalReader;
  readonly port: number;
  readonly #options: AppOptions;
  #process: Process | undefined;

  /** The port is settled before the first start, so that a server can be told of an app that is still down. */
  static async prepare(options: AppOptions): Promise<App> {
    return new App(options, await freePort());
  }

  private constructor(options: AppOptions, port: number) {
    this.flavour = options.flavour;
    this.journal = new JournalReader(join(options.folder, `${options.flavour.name}.journal`));
    this.port = port;
    this.#options = options;
  }

  get id(): string {
    return this.flavour.name;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/api/inngest`;
  }

  /** Starts the process, or its successor on the same port with the same journal. */
  async start(functions = this.#options.functions): Promise<void> {
    const [command, ...args] = this.flavour.command();
    const env = cleanEnvironment({
      ...this.flavour.env,
      INNGEST_DEV: this.#options.serverOrigin,
      E2E_APP_ID: this.id,
      E2E_FUNCTIONS: functions,
      E2E_JOURNAL: this.journal.path,
      E2E_PORT: String(this.port),
    });
    this.#process = new Process(`the app ${this.id}`, command, args, { cwd: E2E, env });
    await until(`the app ${this.id} answers`, () => this.#answers(), {
      guard: () => this.assertAlive(),
      explain: () => this.log(),
    });
  }

  /** Asks the app to register itself, as a deploy hook would. */
  async sync(): Promise<{ status: number; body: string }> {
    const response = await fetch(this.url, { method: "PUT" });
    return { status: response.status, body: await response.text() };
  }

  async kill(): Promise<void> {
    await this.#process?.kill();
  }

  assertAlive(): void {
    this.#process?.assertAlive();
  }

  log(): string {
    return this.#process?.log() ?? "";
  }

  async #answers(): Promise<boolean> {
    try {
      const response = await fetch(this.url);
      await response.arrayBuffer();
      return response.headers.has("x-inngest-sdk");
    } catch {
      return false;
    }
  }
}
