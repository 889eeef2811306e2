// Ports that survive a restart of their owner.

import { createServer } from "node:net";

/**
 * Below the range from which the kernel takes the local ports of outgoing connections (32768 on Linux, 49152 elsewhere):
 * above it, a connection attempt could be given the port of a server that is just down, and keep the server from returning.
 */
const RANGE = { from: 12_000, to: 32_000 };

/**
 * Test files run side by side, each in a process of its own. Each takes its ports from a slice of the range, and no
 * port twice: what looks free now may have been promised to somebody who has yet to start.
 */
const SLICE = 200;
const SLICES = (RANGE.to - RANGE.from) / SLICE;
const first = RANGE.from + (process.pid % SLICES) * SLICE;
let promised = 0;

export async function freePort(): Promise<number> {
  while (promised < SLICE) {
    const port = first + promised++;
    if ((await isFree(port, "127.0.0.1")) && (await isFree(port, "::1"))) return port;
  }
  throw new Error(`all ports from ${first} on are taken`);
}

function isFree(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    // A machine without IPv6 has nothing that could be in the way there.
    server.once("error", (error: NodeJS.ErrnoException) => resolve(error.code === "EADDRNOTAVAIL"));
    server.listen(port, host, () => server.close(() => resolve(true)));
  });
}
