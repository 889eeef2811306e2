// What an app writes down about itself. The tests read it as evidence of what really happened.

import { openSync, writeSync } from "node:fs";

/** One line of a journal. `run` is a run id, step ids are hashed unless the field is called `step`. */
export type Entry = { at: number } & (
  | { kind: "started"; pid: number }
  /** A call of the server, written before the SDK sees it. */
  | {
      kind: "call";
      run: string;
      fn: string;
      target: string;
      attempt: number;
      event: string;
      useApi: boolean;
      memoized: string[];
      stack: string[];
    }
  /** `step` is what the SDK hashes: the id, with `:1`, `:2` … for further uses of the same id. */
  | { kind: "step"; run: string; step: string; attempt: number }
  | { kind: "step-done"; run: string; step: string; attempt: number }
  | { kind: "step-failed"; run: string; step: string; attempt: number; error: string }
  /** A checkpoint that the server acknowledged, written before the SDK learns of it. */
  | { kind: "checkpoint"; run: string; steps: string[] }
  /** Whatever else a function wants to tell its test. */
  | { kind: "note"; run: string; name: string; value: unknown }
);

/** `Entry` without its time, member by member of the union. */
type Unstamped<E = Entry> = E extends Entry ? Omit<E, "at"> : never;

export class Journal {
  readonly #file: number;

  constructor(path: string) {
    this.#file = openSync(path, "a");
    // A predecessor killed in the middle of a line must not spoil ours.
    writeSync(this.#file, "\n");
    this.write({ kind: "started", pid: process.pid });
  }

  /** Synchronous, so that the line is in the kernel's hands before the app goes on: SIGKILL cannot take it back. */
  write(entry: Unstamped): void {
    writeSync(this.#file, `${JSON.stringify({ at: Date.now(), ...entry })}\n`);
  }
}
