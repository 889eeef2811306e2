// The server under test: the real binary in a folder of its own, which outlives its processes.

import { Api } from "./api.ts";
import { cleanEnvironment } from "./paths.ts";
import { type Exit, Process } from "./process.ts";
import { until } from "./until.ts";

export interface ServerOptions {
  binary: string;
  port: number;
  folder: string;
  /** Serve URLs of apps that the server shall sync by itself. */
  appUrls?: string[];
}

/** Seconds between retries: short, yet long enough to tell a retry from a requested delay. */
const RETRY_INTERVAL_S = 1;
const POLL_INTERVAL_S = 1;

export class Server {
  readonly api: Api;
  readonly #options: ServerOptions;
  #process: Process | undefined;

  constructor(options: ServerOptions) {
    this.#options = options;
    this.api = new Api(originOf(options.port));
  }

  get origin(): string {
    return originOf(this.#options.port);
  }

  /** Starts the process, or its successor in the same folder and on the same port. */
  async start(): Promise<void> {
    const { binary, port, folder, appUrls = [] } = this.#options;
    const args = ["dev", "--port", String(port), "--strict-port", "--no-discovery"];
    args.push("--retry-interval", String(RETRY_INTERVAL_S));
    if (appUrls.length > 0) args.push("--poll-interval", String(POLL_INTERVAL_S));
    else args.push("--no-poll");
    for (const url of appUrls) args.push("-u", url);
    this.#process = new Process("the server", binary, args, { cwd: folder, env: cleanEnvironment() });
    await until("the server is healthy", () => this.api.healthy(), {
      guard: () => this.assertAlive(),
      explain: () => this.log(),
    });
  }

  /** SIGKILL: no chance to write anything down. */
  async kill(): Promise<void> {
    await this.#process?.kill();
  }

  /** SIGTERM: it may finish what it is doing. */
  async terminate(): Promise<Exit> {
    if (this.#process === undefined) throw new Error("the server was not started");
    return this.#process.terminate();
  }

  assertAlive(): void {
    this.#process?.assertAlive();
  }

  log(): string {
    return this.#process?.log() ?? "";
  }
}

export function originOf(port: number): string {
  return `http://127.0.0.1:${port}`;
}
