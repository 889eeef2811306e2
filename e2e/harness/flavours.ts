// The kinds of apps that every scenario runs with.

import { E2E, pythonInterpreter } from "./paths.ts";

export interface Flavour {
  /** Also the app id, and the prefix of the app's events. */
  name: "ts4" | "ts4-plain" | "ts3" | "py";
  command(): [string, ...string[]];
  env: Record<string, string>;
}

const typescript = (): [string, ...string[]] => [process.execPath, "--import", "tsx", `${E2E}apps/ts/main.ts`];

export const FLAVOURS: Flavour[] = [
  { name: "ts4", command: typescript, env: { E2E_SDK: "v4", E2E_CHECKPOINTING: "true" } },
  { name: "ts4-plain", command: typescript, env: { E2E_SDK: "v4", E2E_CHECKPOINTING: "false" } },
  { name: "ts3", command: typescript, env: { E2E_SDK: "v3", E2E_CHECKPOINTING: "false" } },
  { name: "py", command: () => [pythonInterpreter(), `${E2E}apps/python/main.py`], env: {} },
];
