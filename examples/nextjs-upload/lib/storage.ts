import { randomUUID } from "node:crypto";
import { createWriteStream } from "node:fs";
import * as fs from "node:fs/promises";
import path from "node:path";
import { pipeline } from "node:stream/promises";

// Files that outlive a step, on the local disk. That is right for one machine. On a serverless
// platform the next step may run on another one with an empty disk: keep these two functions and
// let them talk to object storage (S3, R2, GCS, …) instead. Nothing else has to change.
const ROOT = path.join(process.cwd(), ".data", "files");

/** Stores `source` under `key`, replacing what was there, and returns what a step should return. */
export async function saveFile(
  key: string,
  source: Iterable<string> | AsyncIterable<Uint8Array>,
): Promise<{ key: string; bytes: number }> {
  const target = path.join(ROOT, key);
  const partial = `${target}.${randomUUID()}.part`;
  await fs.mkdir(path.dirname(target), { recursive: true });
  try {
    const file = createWriteStream(partial);
    await pipeline(source, file);
    // Renaming is atomic: a reader sees the whole file or none, even if this process dies midway.
    await fs.rename(partial, target);
    return { key, bytes: file.bytesWritten };
  } catch (error) {
    await fs.rm(partial, { force: true });
    throw error;
  }
}

export function readFile(key: string): Promise<string> {
  return fs.readFile(path.join(ROOT, key), "utf8");
}
