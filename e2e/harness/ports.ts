// Ports that survive a restart of their owner.

import { createServer } from "node:net";

/**
 * Below the range from which the kernel takes the local ports of outgoing connections (32768 on Linux, 49152 elsewhere):
 * above it, a connection attempt could be given the port of a server that is just down, and keep the server from returning.
 */
const RANGE = { from: 12_000, to: 32_000 };
const TRIES = 100;

export async function freePort(): Promise<number> {
  for (let i = 0; i < TRIES; i++) {
    const port = RANGE.from + Math.floor(Math.random() * (RANGE.to - RANGE.from));
    if ((await isFree(port, "127.0.0.1")) && (await isFree(port, "::1"))) return port;
  }
  throw new Error(`found no free port in ${TRIES} tries`);
}

function isFree(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    // A machine without IPv6 has nothing that could be in the way there.
    server.once("error", (error: NodeJS.ErrnoException) => resolve(error.code === "EADDRNOTAVAIL"));
    server.listen(port, host, () => server.close(() => resolve(true)));
  });
}
