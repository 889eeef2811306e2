/** Entries of the audit log in words: what was done, to what, and how. */
import type { AuditEntry } from "../../api/types";

/** What people did, as a sentence begins. */
const ACTIONS: Record<string, string> = {
  "attribute.declare": "Declared an attribute",
  "attribute.delete": "Deleted an attribute",
  "batch.flush": "Flushed a batch",
  "debounce.fire": "Ran a debounced event",
  "error.ignore": "Ignored an error",
  "error.reopen": "Reopened an error",
  "error.resolve": "Resolved an error",
  "function.pause": "Paused a function",
  "function.resume": "Resumed a function",
  "hold.release": "Released a place",
  "limit.override": "Set a limit",
  "limit.restore": "Took a limit back",
  "operation.abort": "Aborted an operation",
  "operation.resume": "Went on with an operation",
  "operation.start": "Started an operation",
  "run.cancel": "Cancelled a run",
  "run.rerun": "Reran a run",
  "run.resume": "Resumed a run",
  "step.answer": "Answered a wait",
  "step.retry": "Retried a step",
  "step.skip_sleep": "Ended a sleep",
  "step.time_out": "Timed a wait out",
};

export const KNOWN_ACTIONS: readonly string[] = Object.keys(ACTIONS);

/** One that is new to this page is shown as it is. */
export function actionWord(action: string): string {
  return ACTIONS[action] ?? action;
}

/** Details that have a place of their own. */
const PLACED = ["reason", "operation", "errorGroup", "step"];

export function restOf({ detail = {} }: AuditEntry): Record<string, unknown> {
  return Object.fromEntries(Object.entries(detail).filter(([name]) => !PLACED.includes(name)));
}

/** `limit: throttle, value: 30`. */
export function restText(entry: AuditEntry): string {
  return Object.entries(restOf(entry))
    .map(([name, value]) => `${name}: ${typeof value === "string" ? value : JSON.stringify(value)}`)
    .join(", ");
}

export function errorGroupOf({ detail = {} }: AuditEntry): string | undefined {
  const group = detail["errorGroup"];
  return typeof group === "string" ? group : undefined;
}
