// What is too much, even for a patient server.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { FLAVOURS, type Flavour, has } from "../harness/flavours.ts";
import { StartedRun } from "../harness/started-run.ts";
import { useWorld } from "../harness/use-world.ts";

const STEPS_MAX = 1_000;
/** Without checkpointing it takes a thousand calls. */
const CEILING_MS = 180_000;

describe("limits", () => {
  const world = useWorld({ functions: "limits" });

  for (const flavour of FLAVOURS) {
    it(`${flavour.name}: OP-2 a reply of ${STEPS_MAX + 1} parallel steps fails the run`, async () => {
      const run = await overflow(flavour, "too-many-parallel-steps");
      assert.equal(run.evidence().executedSteps.size, 0);
    });

    if (!has(flavour, "fast replays")) continue;
    it(`${flavour.name}: scenario 17: a run of ${STEPS_MAX + 1} steps fails`, async () => {
      const executed = (await overflow(flavour, "too-many-steps")).evidence().executedSteps.size;
      // With checkpointing the step that is refused has been executed.
      assert.ok(executed === STEPS_MAX || executed === STEPS_MAX + 1, `${executed} steps were executed`);
    });
  }

  async function overflow(flavour: Flavour, fn: string): Promise<StartedRun> {
    const run = await StartedRun.of(world(), flavour, fn);
    await world().endedRuns(run.eventId, 1, CEILING_MS);
    assert.equal((await run.failed()).name, "InngestErrFunctionOverflowed");
    return run;
  }
});
