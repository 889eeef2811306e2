// What a scenario is. It is data: one event, the run that comes of it, and what the journal has to say about its steps.

import type { RunEvidence } from "../../harness/evidence.ts";
import type { Feature, Flavour } from "../../harness/flavours.ts";

/**
 * The executions of a step in their order:
 * - `ok` and `fail`, separated by blanks: what the step's work did each time;
 * - `maybe`: executed once or not at all, and nobody has to know the result (the loser of a race);
 * - `refused`: executed once, but its result is not accepted.
 */
export type Outcomes = string;

export interface Scenario {
  name: string;
  /** Id of the function, and the name of its event behind the app's prefix. */
  fn: string;
  /** Made when the event is sent, for scenarios that depend on the time. */
  data?: () => Record<string, unknown>;
  /** Left to the flavours whose SDK has it. */
  needs?: Feature;
  status?: "Completed" | "Failed";
  /** Of a completed run. */
  output?: unknown;
  /** Of a failed run. */
  error?: RegExp;
  /** All steps that run code. */
  steps: Record<string, Outcomes>;
  check?: (evidence: RunEvidence, data: Record<string, unknown>, flavour: Flavour) => void;
}
