// The kinds of apps that every scenario runs with, and what their SDKs cannot do.

import { E2E, goApp, pythonInterpreter } from "./paths.ts";

/** What only some SDKs can do. */
export type Feature =
  /** Parallel steps inside of a branch of parallel steps. */
  | "nested groups"
  /** Going on with the first of several steps, while the others still run. */
  | "races"
  /** Races that the SDK announces to the server as such. */
  | "group races"
  /** Having functions started when a run ends. */
  | "defers"
  /** Fetching the state of a run that is too large for a call. */
  | "use_api"
  /** Telling whoever asks for a sync what the server said. */
  | "sync replies";

export interface Flavour {
  /** Also the app id, and the prefix of the app's events. */
  name: "ts4" | "ts4-plain" | "ts3" | "py" | "go" | "go-cp";
  command(): [string, ...string[]];
  env: Record<string, string>;
  /** Scenarios that need any of these are not for this flavour. */
  lacks: Feature[];
}

export function has(flavour: Flavour, feature: Feature): boolean {
  return !flavour.lacks.includes(feature);
}

const typescript = (): [string, ...string[]] => [process.execPath, "--import", "tsx", `${E2E}apps/ts/main.ts`];
const python = (): [string, ...string[]] => [pythonInterpreter(), `${E2E}apps/python/main.py`];
const go = (): [string, ...string[]] => [goApp()];

/** Only TypeScript 4 has `group.parallel({ mode: "race" }, …)` and `defer`. */
const LACKED_BY_TS3: Feature[] = ["group races", "defers"];
/** `group.parallel` waits for all of its branches, but not for the steps of an inner group. */
const LACKED_BY_PYTHON: Feature[] = ["nested groups", "races", "group races", "defers"];
/** `group.Parallel` returns when all of its branches have; calls carry the whole state; a sync is answered without a body. */
const LACKED_BY_GO: Feature[] = ["races", "group races", "defers", "use_api", "sync replies"];

export const FLAVOURS: Flavour[] = [
  { name: "ts4", command: typescript, env: { E2E_SDK: "v4", E2E_CHECKPOINTING: "true" }, lacks: [] },
  { name: "ts4-plain", command: typescript, env: { E2E_SDK: "v4", E2E_CHECKPOINTING: "false" }, lacks: [] },
  { name: "ts3", command: typescript, env: { E2E_SDK: "v3", E2E_CHECKPOINTING: "false" }, lacks: LACKED_BY_TS3 },
  { name: "py", command: python, env: {}, lacks: LACKED_BY_PYTHON },
  { name: "go", command: go, env: { E2E_CHECKPOINTING: "false" }, lacks: LACKED_BY_GO },
  { name: "go-cp", command: go, env: { E2E_CHECKPOINTING: "true" }, lacks: LACKED_BY_GO },
];
