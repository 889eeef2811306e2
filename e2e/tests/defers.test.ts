// Functions that are started when a run ends.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { FLAVOURS, has } from "../harness/flavours.ts";
import { useWorld } from "../harness/use-world.ts";

/** What a deferred function was started with. */
interface Deferred {
  data: unknown;
  parent: { fnSlug: string; runId: string };
}

const CAPABLE = FLAVOURS.filter((flavour) => has(flavour, "defers"));

describe("defers", () => {
  const world = useWorld({ functions: "defers", flavours: CAPABLE });

  for (const { name: appId } of CAPABLE) {
    it(`${appId}: starts what was deferred, once, and not what was aborted`, async () => {
      const run = await runOf("defers", "Completed");
      await deferredBy(run);
      // Later than all that came before it, so what was going to be started by then has been.
      await deferredBy(await runOf("defers-and-fails", "Failed"));
      const expected = [{ data: { what: "kept" }, parent: { fnSlug: `${appId}-defers`, runId: run } }];
      assert.deepEqual(all().filter(({ parent }) => parent.runId === run), expected);
    });

    it(`${appId}: a function that fails is tried again, and starts what it deferred`, async () => {
      const run = await runOf("defers-and-fails", "Failed");
      assert.deepEqual(await deferredBy(run), {
        data: { what: "kept" },
        parent: { fnSlug: `${appId}-defers-and-fails`, runId: run },
      });
      const attempts = world().app(appId).journal.entries().flatMap((entry) =>
        entry.kind === "call" && entry.run === run ? [entry.attempt] : [],
      );
      assert.deepEqual(attempts, [0, 1]);
    });

    async function runOf(fn: string, status: string): Promise<string> {
      const [run] = await world().endedRuns(await world().server.api.send({ name: `${appId}/${fn}` }));
      assert.equal(run!.status, status);
      return run!.run_id;
    }

    function deferredBy(run: string): Promise<Deferred> {
      return world().until(`what ${run} deferred`, () => all().find(({ parent }) => parent.runId === run));
    }

    function all(): Deferred[] {
      const entries = world().app(appId).journal.entries();
      return entries.flatMap((entry) =>
        entry.kind === "note" && entry.name === "deferred" ? [entry.value as Deferred] : [],
      );
    }
  }
});
