import assert from "node:assert/strict";
import type { RunEvidence } from "../../harness/evidence.ts";
import type { Scenario } from "./scenario.ts";

const DELAY_MS = 3_000;

/** The attempts in which the function's body came to its note. */
function bodyAttempts(evidence: RunEvidence): unknown[] {
  return evidence.notes("body").map(({ value }) => value);
}

export const failures: Scenario[] = [
  {
    name: "a step fails twice and then succeeds",
    fn: "step-retry",
    output: { attempt: 2 },
    steps: { before: "ok", flaky: "fail fail ok", after: "ok" },
  },
  {
    name: "a step fails for good",
    fn: "step-fails",
    status: "Failed",
    error: /boom for good/,
    steps: { before: "ok", boom: "fail fail" },
  },
  {
    name: "a step fails for good and the function catches it",
    fn: "step-caught",
    output: { caught: "boom for good" },
    steps: { boom: "fail fail", recover: "ok" },
  },
  {
    name: "NonRetriableError in a step",
    fn: "step-fatal",
    status: "Failed",
    error: /never again/,
    steps: { fatal: "fail" },
  },
  {
    name: "NonRetriableError between steps",
    fn: "body-fatal",
    status: "Failed",
    error: /never again/,
    steps: { before: "ok" },
    check: (evidence) => assert.deepEqual(bodyAttempts(evidence), [0]),
  },
  {
    name: "RetryAfterError in a step",
    fn: "step-retry-after",
    data: () => ({ delayMs: DELAY_MS }),
    output: "patient",
    steps: { patient: "fail ok" },
    check(evidence) {
      const pause = evidence.starts("patient")[1]! - evidence.ends("patient")[0]!;
      // Python sends the instant, cut to milliseconds.
      assert.ok(pause >= DELAY_MS - 1, `retried after ${pause} ms`);
    },
  },
  {
    name: "RetryAfterError between steps",
    fn: "body-retry-after",
    data: () => ({ delayMs: DELAY_MS }),
    output: "patient",
    steps: { patient: "ok" },
    check(evidence) {
      const notes = evidence.notes("body");
      const pause = notes[1]!.at - notes[0]!.at;
      assert.ok(pause >= DELAY_MS - 1, `retried after ${pause} ms`);
      assert.equal(notes[1]!.value, 1);
    },
  },
  {
    name: "the code between steps fails twice and then succeeds",
    fn: "body-retry",
    output: { attempt: 2 },
    steps: { before: "ok" },
    check: (evidence) => assert.deepEqual(bodyAttempts(evidence), [0, 1, 2]),
  },
  {
    name: "no retries, a step fails",
    fn: "no-retries",
    status: "Failed",
    error: /boom for good/,
    steps: { boom: "fail" },
  },
  {
    name: "no retries, the code between steps fails",
    fn: "no-retries-body",
    status: "Failed",
    error: /boom for good/,
    steps: {},
    check: (evidence) => assert.deepEqual(bodyAttempts(evidence), [0]),
  },
];
