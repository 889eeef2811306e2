// A child process whose death is noticed, and which does not outlive the tests.

import { type ChildProcess, spawn } from "node:child_process";

const TAIL_CHARS = 8_000;
/** How long a process may take to end after SIGTERM. */
const STOP_CEILING_MS = 30_000;

const running = new Set<ChildProcess>();
// Whatever ends this test process, its children end too; only `exit` fires on every way out.
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));

export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

export class Process {
  readonly exit: Promise<Exit>;
  readonly #name: string;
  readonly #child: ChildProcess;
  #ended: Exit | undefined;
  #expectedToEnd = false;
  #output = "";

  constructor(name: string, command: string, args: string[], options: { cwd: string; env: NodeJS.ProcessEnv }) {
    this.#name = name;
    const child = spawn(command, args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
    this.#child = child;
    running.add(child);
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8");
      stream.on("data", (text: string) => {
        this.#output = (this.#output + text).slice(-TAIL_CHARS);
      });
    }
    this.exit = new Promise((resolve) => {
      const end = (exit: Exit): void => {
        running.delete(child);
        this.#ended ??= exit;
        resolve(exit);
      };
      child.on("error", (error) => {
        this.#output += `\n${error.message}`;
        end({ code: null, signal: null });
      });
      child.on("exit", (code, signal) => end({ code, signal }));
    });
  }

  /** The end of what it printed. */
  log(): string {
    return `--- end of the output of ${this.#name} ---\n${this.#output}`;
  }

  /** Throws if the process ended although nobody asked it to. */
  assertAlive(): void {
    if (this.#ended === undefined || this.#expectedToEnd) return;
    const { code, signal } = this.#ended;
    throw new Error(`${this.#name} died (${signal ?? `exit code ${code}`})\n${this.log()}`);
  }

  async kill(): Promise<void> {
    this.#signal("SIGKILL");
    await this.exit;
  }

  /** SIGTERM, and what became of it. One that does not end is killed and reported. */
  async terminate(): Promise<Exit> {
    this.#signal("SIGTERM");
    const timer = setTimeout(() => this.#signal("SIGKILL"), STOP_CEILING_MS);
    const exit = await this.exit;
    clearTimeout(timer);
    return exit;
  }

  #signal(signal: NodeJS.Signals): void {
    this.assertAlive();
    this.#expectedToEnd = true;
    this.#child.kill(signal);
  }
}
