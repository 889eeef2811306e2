// Reads what an app wrote down, while it is being written.

import { closeSync, existsSync, openSync, readSync } from "node:fs";
import type { Entry } from "../apps/ts/journal.ts";

export type { Entry };

const CHUNK_BYTES = 1 << 20;

export class JournalReader {
  readonly path: string;
  readonly #entries: Entry[] = [];
  #position = 0;
  #unfinished: Buffer = Buffer.alloc(0);

  constructor(path: string) {
    this.path = path;
  }

  /** Everything so far, in the order in which it happened. */
  entries(): readonly Entry[] {
    if (existsSync(this.path)) this.#readMore();
    return this.#entries;
  }

  #readMore(): void {
    const file = openSync(this.path, "r");
    const chunk = Buffer.alloc(CHUNK_BYTES);
    for (let count; (count = readSync(file, chunk, 0, CHUNK_BYTES, this.#position)) > 0; this.#position += count) {
      this.#take(chunk.subarray(0, count));
    }
    closeSync(file);
  }

  #take(bytes: Buffer): void {
    const text = Buffer.concat([this.#unfinished, bytes]);
    const end = text.lastIndexOf("\n") + 1;
    for (const line of text.toString("utf8", 0, end).split("\n")) {
      if (line !== "") this.#entries.push(JSON.parse(line) as Entry);
    }
    this.#unfinished = text.subarray(end);
  }
}
