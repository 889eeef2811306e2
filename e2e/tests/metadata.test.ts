// What functions note about their runs and steps: metadata, scores, experiments.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Metadata } from "../harness/api.ts";
import { FLAVOURS, has } from "../harness/flavours.ts";
import { StartedRun } from "../harness/started-run.ts";
import { useWorld } from "../harness/use-world.ts";

const CAPABLE = FLAVOURS.filter((flavour) => has(flavour, "metadata"));

describe("metadata", () => {
  const world = useWorld({ functions: "metadata", flavours: CAPABLE });

  for (const flavour of CAPABLE) {
    it(`${flavour.name}: what a function notes is noted once, where it belongs`, async () => {
      const run = await StartedRun.of(world(), flavour, "notes");
      assert.equal(await run.completed(), "B");
      const steps = await world().server.api.steps(run.id);
      const of = (step: string): unknown => {
        const found = steps.find(({ name }) => name === step);
        assert.ok(found, `no step ${step} among ${steps.map(({ name }) => name).join(", ")}`);
        return byKind(found.metadata);
      };
      assert.deepEqual(of("one"), { "userland.default": { files: 1 }, "userland.review": { seen: true } });
      assert.deepEqual(of("which"), {
        "inngest.experiment": { name: "which", variant: "b", selection_strategy: "fixed", available_variants: ["a", "b"] },
      });
      // ME-11
      assert.deepEqual(of("in b"), {
        "inngest.experiment": { name: "which", variant: "b", selection_strategy: "fixed" },
      });
      // ME-5: the scorer runs when its parent has ended.
      const scored = await world().until(`a score of ${run.id}`, async () => {
        const noted = byKind(await world().server.api.metadata(run.id));
        return "taste" in (noted["inngest.score"] ?? {}) ? noted : undefined;
      });
      assert.deepEqual(scored, {
        "inngest.score": { quality: { value: 0.5 }, taste: { value: true } },
        "userland.default": { status: "resized" },
      });
    });
  }
});

function byKind(metadata: Metadata[]): Record<string, Record<string, unknown>> {
  return Object.fromEntries(metadata.map(({ kind, values }) => [kind, values]));
}
