// The trace of a run: steps with their attempts, and the spans that user code opened in them.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Span } from "../harness/api.ts";
import { FLAVOURS, has } from "../harness/flavours.ts";
import { StartedRun } from "../harness/started-run.ts";
import { useWorld } from "../harness/use-world.ts";

const CAPABLE = FLAVOURS.filter((flavour) => has(flavour, "extended traces"));

describe("traces", () => {
  const world = useWorld({ functions: "traces", flavours: CAPABLE });

  for (const flavour of CAPABLE) {
    it(`${flavour.name}: extended traces are under the step and attempt that they were opened in`, async () => {
      const run = await StartedRun.of(world(), flavour, "traced");
      assert.equal(await run.completed(), 320);
      // The SDK sends them after its reply.
      const root = await world().until(`the spans of run ${run.id}`, async () => {
        const root = await world().server.api.trace(run.id);
        return named(root, "put").length === 2 && named(root, "scale").length === 1 ? root : undefined;
      });
      assert.deepEqual(root.children.map(({ name, status }) => [name, status]), [
        ["resize", "COMPLETED"],
        ["upload", "COMPLETED"],
        ["Finalization", "COMPLETED"],
      ]);
      const [resize, upload] = root.children;
      assert.equal(resize!.output, 320);
      const decode = child(resize!, "decode");
      assert.equal(decode.userland?.scopeName, "inngest");
      assert.deepEqual(decode.userland?.spanAttrs, { format: "png" });
      assert.equal(decode.userland?.events?.[0]?.name, "header read");
      assert.deepEqual(child(decode, "scale").userland?.spanAttrs, { width: 320 });
      for (const [attempt, status] of [["Attempt 0", "FAILED"], ["Attempt 1", "COMPLETED"]] as const) {
        const span = child(upload!, attempt);
        assert.equal(span.status, status);
        child(span, "put");
      }
    });
  }
});

/** All spans of that name, wherever they are. */
function named(span: Span, name: string): Span[] {
  return [...(span.name === name ? [span] : []), ...span.children.flatMap((child) => named(child, name))];
}

function child(span: Span, name: string): Span {
  const found = span.children.find((child) => child.name === name);
  assert.ok(found, `no ${name} in ${JSON.stringify(span)}`);
  return found;
}
