// One app process. Everything about it comes from its environment; the chosen port goes to stdout.

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { functionSet } from "./functions/index.ts";
import { Journal } from "./journal.ts";
import { recordCalls } from "./record.ts";
import type { Sdk } from "./sdk.ts";

/** Only the one in question is loaded: each takes a while. */
const SDKS: Record<string, () => Promise<Sdk>> = {
  v3: async () => (await import("./sdk-v3.ts")).v3,
  v4: async () => (await import("./sdk-v4.ts")).v4,
};

function required(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`the app needs ${name} in its environment`);
  return value;
}

const appId = required("E2E_APP_ID");
const sdk = await SDKS[required("E2E_SDK")]!();
const journal = new Journal(required("E2E_JOURNAL"));
const definitions = functionSet(required("E2E_FUNCTIONS"), appId, sdk);
const checkpointing = required("E2E_CHECKPOINTING") === "true";

const server = createServer(recordCalls(journal, sdk.serve({ appId, checkpointing }, definitions, journal)));
server.listen(Number(required("E2E_PORT")), "127.0.0.1", () => {
  console.log(JSON.stringify({ port: (server.address() as AddressInfo).port }));
});
