/** The limits in force, in words. */
import type { SystemInfo } from "../../api/types";
import { bytes, duration } from "../../time/format";

type Limits = SystemInfo["limits"];

const WORDS: { [Name in keyof Limits]: readonly [string, (value: number) => string] } = {
  callsInFlight: ["Calls at once", whole],
  callsPerApp: ["Calls at once to an app", whole],
  callDurationMs: ["A call takes", duration],
  callReplyBytes: ["A reply has", bytes],
  eventBytes: ["An event has", bytes],
  eventsPerRequest: ["Events of a request", whole],
  runStateBytes: ["The state of a run has", bytes],
  runSteps: ["Steps of a run", whole],
  stepOutputBytes: ["The output of a step has", bytes],
  sleepMs: ["A sleep takes", duration],
  retries: ["Retries", whole],
  attributes: ["Attributes", whole],
  overrides: ["Limits beside the code", whole],
  operationsOpen: ["Operations at once", whole],
  cancellationsOpen: ["Cancellations at once", whole],
  liveConnections: ["Live connections", whole],
};

function whole(value: number): string {
  return value.toLocaleString("en-US");
}

/** Each with the most that is allowed; one that is new to this page is left out. */
export function limitFacts(limits: Limits): (readonly [string, string])[] {
  return (Object.keys(WORDS) as (keyof Limits)[]).flatMap((name) => {
    const value = limits[name];
    const [words, format] = WORDS[name];
    return value === undefined ? [] : [[words, format(value)] as const];
  });
}
