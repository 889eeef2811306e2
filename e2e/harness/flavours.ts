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
  /** Noting metadata and scores, and running experiments. */
  | "metadata"
  /** Sending the spans that user code opens. */
  | "extended traces"
  /** Fetching the state of a run that is too large for a call. */
  | "use_api"
  /** Telling whoever asks for a sync what the server said. */
  | "sync replies"
  /** Conditions of waits and cancellations that name a member which both events must have alike. */
  | "match"
  /** Waiting for signals. */
  | "signals"
  /** Sending signals from a step. */
  | "sent signals"
  /** Naming the function to invoke by its object in the program. */
  | "function objects"
  /** Telling the name of the error with which an invoked function failed. */
  | "names of invoke errors"
  /** Leaving HTTP requests to the server. */
  | "fetch"
  /** Replaying a thousand steps a thousand times within seconds. */
  | "fast replays"
  /** Ending a call when the server refuses a checkpoint of it. */
  | "giving up";

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

const LACKED_WITHOUT_CHECKPOINTING: Feature[] = ["fast replays"];
/** Only TypeScript 4 has `group.parallel({ mode: "race" }, …)`, `defer`, metadata and extended traces. */
const LACKED_BY_TS3: Feature[] = [...LACKED_WITHOUT_CHECKPOINTING, "group races", "defers", "metadata", "extended traces"];
const LACKED_BY_PYTHON: Feature[] = [
  // `group.parallel` waits for all of its branches, but not for the steps of an inner group.
  "nested groups",
  "races",
  "group races",
  "defers",
  "metadata",
  "extended traces",
  "match",
  "signals",
  "sent signals",
  "fetch",
  "fast replays",
];
const LACKED_BY_GO: Feature[] = [
  // `group.Parallel` returns when all of its branches have.
  "races",
  "group races",
  "defers",
  "metadata",
  "extended traces",
  // Calls carry the whole state.
  "use_api",
  // A sync is answered without a body.
  "sync replies",
  "match",
  // It waits for signals, but cannot send them.
  "sent signals",
  // Functions are invoked by their ids alone.
  "function objects",
  "names of invoke errors",
];
/** It keeps what was refused for its reply, and goes on with the next step. */
const LACKED_BY_GO_CHECKPOINTING: Feature[] = [...LACKED_BY_GO, "giving up"];

export const FLAVOURS: Flavour[] = [
  { name: "ts4", command: typescript, env: { E2E_SDK: "v4", E2E_CHECKPOINTING: "true" }, lacks: [] },
  { name: "ts4-plain", command: typescript, env: { E2E_SDK: "v4", E2E_CHECKPOINTING: "false" }, lacks: LACKED_WITHOUT_CHECKPOINTING },
  { name: "ts3", command: typescript, env: { E2E_SDK: "v3", E2E_CHECKPOINTING: "false" }, lacks: LACKED_BY_TS3 },
  { name: "py", command: python, env: {}, lacks: LACKED_BY_PYTHON },
  { name: "go", command: go, env: { E2E_CHECKPOINTING: "false" }, lacks: LACKED_BY_GO },
  { name: "go-cp", command: go, env: { E2E_CHECKPOINTING: "true" }, lacks: LACKED_BY_GO_CHECKPOINTING },
];
