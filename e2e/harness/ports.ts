// Ports that survive a restart of their owner.

import { createServer, type Server } from "node:net";

/**
 * Below the range from which the kernel takes the local ports of outgoing connections (32768 on Linux, 49152 elsewhere):
 * above it, a connection attempt could be given the port of a server that is just down, and keep the server from returning.
 */
const RANGE = { from: 12_000, to: 32_000 };

/**
 * Test files run side by side, each in a process of its own. Each takes its ports from a slice of the range, and no
 * port twice: what looks free now may have been promised to somebody who has yet to start. A slice belongs to the
 * process that listens on its first port; the process ids only spare most of them a search.
 */
const SLICE = 200;
const SLICES = (RANGE.to - RANGE.from) / SLICE;
let slice: Promise<number> | undefined;
let promised = 1;

export async function freePort(): Promise<number> {
  slice ??= claimSlice();
  const first = await slice;
  while (promised < SLICE) {
    const port = first + promised++;
    if ((await isFree(port, "127.0.0.1")) && (await isFree(port, "::1"))) return port;
  }
  throw new Error(`all ports from ${first} on are taken`);
}

async function claimSlice(): Promise<number> {
  for (let i = 0; i < SLICES; i++) {
    const first = RANGE.from + ((process.pid + i) % SLICES) * SLICE;
    const listener = await listen(first, "127.0.0.1");
    if (listener instanceof Error) continue;
    // It is held until this process ends, which it must not keep from ending.
    listener.unref();
    return first;
  }
  throw new Error(`there are more than ${SLICES} test processes`);
}

async function isFree(port: number, host: string): Promise<boolean> {
  const listener = await listen(port, host);
  // A machine without IPv6 has nothing that could be in the way there.
  if (listener instanceof Error) return listener.code === "EADDRNOTAVAIL";
  await new Promise((resolve) => listener.close(resolve));
  return true;
}

function listen(port: number, host: string): Promise<Server | NodeJS.ErrnoException> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", resolve);
    server.listen(port, host, () => resolve(server));
  });
}
