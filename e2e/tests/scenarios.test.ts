// Every scenario with every flavour of app, on one server.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { RunEvidence } from "../harness/evidence.ts";
import { FLAVOURS, has } from "../harness/flavours.ts";
import { checkJournals, useWorld } from "../harness/use-world.ts";
import type { World } from "../harness/world.ts";
import { basics } from "./scenarios/basics.ts";
import { failures } from "./scenarios/failures.ts";
import { parallel } from "./scenarios/parallel.ts";
import { play } from "./scenarios/play.ts";
import { values } from "./scenarios/values.ts";

const SCENARIOS = [...basics, ...parallel, ...values, ...failures];

describe("scenarios", { concurrency: 8 }, () => {
  const world = useWorld({ functions: "scenarios" }, checkNothingFollowed);
  /** The runs as they looked when they ended. */
  const ended: RunEvidence[] = [];

  for (const flavour of FLAVOURS) {
    for (const scenario of SCENARIOS) {
      if (scenario.needs !== undefined && !has(flavour, scenario.needs)) continue;
      it(`${flavour.name}: ${scenario.name}`, async () => {
        const evidence = await play(world(), flavour, scenario);
        // The loser of a race may already be on its way when the run ends.
        if (!Object.values(scenario.steps).includes("maybe")) ended.push(evidence);
      });
    }
  }

  function checkNothingFollowed(world: World): void {
    checkJournals(world);
    const journal = world.entries();
    for (const { run, entries } of ended) {
      const later = new RunEvidence(run, journal).entries.slice(entries.length);
      const executed = later.filter(({ kind }) => kind === "step" || kind === "note");
      assert.deepEqual(executed, [], `run ${run} went on after its end`);
    }
  }
});
