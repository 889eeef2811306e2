// Events that the server sends when runs end.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { FLAVOURS } from "../harness/flavours.ts";
import { useWorld } from "../harness/use-world.ts";

/** What `inngest/function.failed` and `inngest/function.finished` look like to a function. */
interface EndEvent {
  id: string;
  name: string;
  data: {
    function_id: string;
    run_id: string;
    event: { name: string; data: unknown };
    events: unknown[];
    error?: { name: string; message: string };
    result?: unknown;
  };
}

const DATA = { some: "data" };

describe("internal events", () => {
  const world = useWorld({ functions: "internal" });

  for (const { name: appId } of FLAVOURS) {
    it(`${appId}: inngest/function.failed`, async () => {
      const run = await runOf("fails");
      assert.equal(run.status, "Failed");
      const event = await note<EndEvent>("failed", ({ data }) => data.run_id === run.run_id);
      assert.equal(event.name, "inngest/function.failed");
      assert.equal(event.id, run.run_id);
      assert.equal(event.data.function_id, `${appId}-fails`);
      assert.equal(typeof event.data.error?.name, "string");
      assert.match(event.data.error?.message ?? "", /out of range/);
      assert.equal(event.data.event.name, `${appId}/fails`);
      assert.deepEqual(event.data.event.data, DATA);
      assert.equal(event.data.events.length, 1);
    });

    it(`${appId}: inngest/function.finished after a success`, async () => {
      const run = await runOf("succeeds");
      const event = await note<EndEvent>("finished", ({ data }) => data.run_id === run.run_id);
      assert.equal(event.name, "inngest/function.finished");
      assert.equal(event.data.function_id, `${appId}-succeeds`);
      assert.deepEqual(event.data.event.data, DATA);
      assert.deepEqual(event.data.result, { fine: true });
      assert.equal(event.data.error ?? null, null);
    });

    it(`${appId}: inngest/function.finished after a failure`, async () => {
      const run = await runOf("fails");
      const event = await note<EndEvent>("finished", ({ data }) => data.run_id === run.run_id);
      assert.match(event.data.error?.message ?? "", /out of range/);
    });

    it(`${appId}: no events about runs that such events started`, async () => {
      await runOf("with-handler");
      // Later than all that came before it, so what was going to be told by then has been.
      const last = await runOf("succeeds");
      await note<EndEvent>("finished", ({ data }) => data.run_id === last.run_id);
      const told = notes<EndEvent>("finished").map(({ data }) => data.function_id);
      assert.deepEqual(told.filter((id) => /-(on-failed|on-finished|with-handler-failure)$/.test(id)), []);
    });

    async function runOf(fn: string): Promise<{ run_id: string; status: string }> {
      const [run] = await world().endedRuns(await world().server.api.send({ name: `${appId}/${fn}`, data: DATA }));
      return run!;
    }

    function note<T>(name: string, matches: (value: T) => boolean): Promise<T> {
      return world().until(`a note ${name} of ${appId}`, () => notes<T>(name).find(matches));
    }

    function notes<T>(name: string): T[] {
      const entries = world().app(appId).journal.entries();
      return entries.flatMap((entry) => (entry.kind === "note" && entry.name === name ? [entry.value as T] : []));
    }
  }
});
