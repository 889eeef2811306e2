// Plays one scenario with one flavour of app and compares what happened with what should have.

import assert from "node:assert/strict";
import { audit } from "../../harness/audit.ts";
import { RunEvidence } from "../../harness/evidence.ts";
import type { Flavour } from "../../harness/flavours.ts";
import type { World } from "../../harness/world.ts";
import type { Outcomes, Scenario } from "./scenario.ts";

/** Returns the evidence of the ended run. */
export async function play(world: World, flavour: Flavour, scenario: Scenario): Promise<RunEvidence> {
  const app = world.app(flavour.name);
  const data = scenario.data?.() ?? {};
  const eventId = await world.server.api.send({ name: `${app.id}/${scenario.fn}`, data });
  const runs = await world.endedRuns(eventId);
  const evidence = new RunEvidence(runs[0]!.run_id, app.journal.entries());

  assert.equal(runs.length, 1, "one event, one run");
  const { status, output } = await world.server.api.run(evidence.run);
  assert.equal(status, scenario.status ?? "Completed", `the run ended as ${status}: ${JSON.stringify(output)}`);
  if (scenario.error !== undefined) assert.match(JSON.stringify(output), scenario.error);
  else assert.deepEqual(output ?? null, scenario.output);

  checkSteps(evidence, scenario.steps);
  assert.deepEqual(audit(evidence.entries), []);
  scenario.check?.(evidence, data, flavour);
  return evidence;
}

function checkSteps(evidence: RunEvidence, expected: Record<string, Outcomes>): void {
  for (const step of evidence.executedSteps) assert.ok(step in expected, `step ${step} was executed`);
  for (const [step, outcomes] of Object.entries(expected)) {
    if (outcomes === "maybe") {
      const times = evidence.starts(step).length;
      assert.ok(times <= 1, `step ${step} was executed ${times} times`);
    } else {
      checkStep(evidence, step, outcomes);
    }
  }
}

function checkStep(evidence: RunEvidence, step: string, outcomes: Outcomes): void {
  const ended = evidence.outcomes(step);
  const words = ended.map(({ kind }) => (kind === "step-done" ? "ok" : "fail"));
  assert.equal(words.join(" "), outcomes === "refused" ? "ok" : outcomes, `executions of step ${step}`);
  if (ended.length > 1) {
    const attempts = ended.map(({ attempt }) => attempt);
    assert.deepEqual(attempts, [...attempts.keys()], `attempts of step ${step}`);
  }
  const last = ended.at(-1)!;
  if (last.kind === "step-done" && outcomes !== "refused") {
    assert.ok(evidence.isMemoizedAfter(last, step), `nothing shows that the server holds the result of step ${step}`);
  }
}
