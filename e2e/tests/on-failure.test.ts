// Handlers that run when a function has failed.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { FLAVOURS } from "../harness/flavours.ts";
import { StartedRun } from "../harness/started-run.ts";
import { useWorld } from "../harness/use-world.ts";

/** What the handlers write down. */
interface Told {
  message: string;
  data: { function_id: string; run_id: string; event: { name: string; data: unknown } };
}

const DATA = { some: "data" };

describe("failure handlers", { concurrency: 8 }, () => {
  const world = useWorld({ functions: "internal" });

  for (const flavour of FLAVOURS) {
    it(`${flavour.name}: FA-1 the handler of the function that failed is told, and no other`, async () => {
      const other = await StartedRun.of(world(), flavour, "fails", DATA);
      await other.failed();
      const run = await StartedRun.of(world(), flavour, "with-handler", DATA);
      await run.failed();
      const told = await world().until(`${flavour.name} is told of run ${run.id}`, () => toldOf(run.id)[0]);
      assert.match(told.message, /out of range/);
      assert.equal(told.data.function_id, `${flavour.name}-with-handler`);
      assert.equal(told.data.event.name, `${flavour.name}/with-handler`);
      assert.deepEqual(told.data.event.data, DATA);
      assert.deepEqual(toldOf(other.id), []);
      assert.equal(toldOf(run.id).length, 1);
    });

    function toldOf(run: string): Told[] {
      const entries = world().app(flavour.name).journal.entries();
      const told = entries.flatMap((entry) => (entry.kind === "note" && entry.name === "on-failure" ? [entry.value as Told] : []));
      return told.filter(({ data }) => data.run_id === run);
    }
  }
});
