// What starts a run: expressions, times, and how often the same thing may.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { describe, it } from "node:test";
import { FLAVOURS, type Flavour } from "../harness/flavours.ts";
import { StartedRun } from "../harness/started-run.ts";
import { useWorld } from "../harness/use-world.ts";

/** The functions that listen to `candidate` under a condition, and which of them its data should start. */
const CANDIDATES: { data: object; starts: string[] }[] = [
  { data: {}, starts: ["absent", "below"] },
  { data: { x: null }, starts: ["absent", "below"] },
  { data: { x: 5 }, starts: [] },
  { data: { x: 5.5 }, starts: ["above"] },
  { data: { x: "text" }, starts: [] },
  { data: { x: 4, kind: "a", tags: ["c", "b"] }, starts: ["below", "tagged"] },
  { data: { x: 6, kind: "a", tags: [] }, starts: ["above"] },
];

const DELAY_MS = 2_500;

describe("triggers", { concurrency: 8 }, () => {
  const world = useWorld({ functions: "triggers" });

  for (const flavour of FLAVOURS) {
    for (const { data, starts } of CANDIDATES) {
      it(`${flavour.name}: EX-1 ${JSON.stringify(data)} starts ${starts.join(" and ") || "nothing"}`, async () => {
        const event = await world().server.api.send({ name: `${flavour.name}/candidate`, data });
        await passBy(flavour);
        assert.deepEqual(await started(event), starts);
      });
    }

    it(`${flavour.name}: TR-3 an event that matches two triggers of a function starts one run`, async () => {
      const both = await world().server.api.send({ name: `${flavour.name}/twice`, data: { n: 1 } });
      const second = await world().server.api.send({ name: `${flavour.name}/twice`, data: { n: 2 } });
      await passBy(flavour);
      assert.deepEqual(await started(both), ["twice"]);
      assert.deepEqual(await started(second), ["twice"]);
    });

    it(`${flavour.name}: scenario 1: an event id starts one run per function, also after it ended`, async () => {
      const { api } = world().server;
      const id = randomUUID();
      const first = await StartedRun.of(world(), flavour, "plain", { n: 1 }, { id });
      const meanwhile = await api.send({ name: `${flavour.name}/plain`, data: { n: 2 }, id });
      await first.completed();
      const afterwards = await api.send({ name: `${flavour.name}/plain`, data: { n: 3 }, id });
      await passBy(flavour);
      assert.equal(new Set([first.eventId, meanwhile, afterwards]).size, 3, "each event is kept");
      assert.deepEqual((await api.event(afterwards)).data, { n: 3 });
      assert.deepEqual(calledRuns(flavour, id), [first.id]);
    });

    it(`${flavour.name}: function idempotency lets a key start one run`, async () => {
      const name = `${flavour.name}/idempotent`;
      const key = randomUUID();
      const first = await world().server.api.send({ name, data: { key } });
      await world().endedRuns(first);
      const second = await world().server.api.send({ name, data: { key } });
      const other = await world().server.api.send({ name, data: { key: randomUUID() } });
      await passBy(flavour);
      assert.deepEqual(await started(first), ["idempotent"]);
      assert.deepEqual(await started(second), []);
      assert.deepEqual(await started(other), ["idempotent"]);
    });

    it(`${flavour.name}: EV-20 an event of the future starts a run that waits for its time`, async () => {
      const ts = Date.now() + DELAY_MS;
      const run = await StartedRun.of(world(), flavour, "plain", {}, { ts });
      assert.equal((await world().server.api.run(run.id)).status, "Scheduled");
      assert.equal(await run.completed(), "plain");
      const [call] = run.evidence().calls;
      assert.ok(call!.at >= ts, `called ${ts - call!.at} ms early`);
    });
  }

  /** Waits for the run of a later event: had an earlier one been going to start another run, it would have by then. */
  async function passBy(flavour: Flavour): Promise<void> {
    await (await StartedRun.of(world(), flavour, "plain")).completed();
  }

  /** The functions that an event has started: they return their names. */
  async function started(eventId: string): Promise<unknown[]> {
    const { api } = world().server;
    const count = (await api.eventRuns(eventId)).length;
    const runs = count === 0 ? [] : await world().endedRuns(eventId, count);
    const outputs = await Promise.all(runs.map(async ({ run_id }) => (await api.run(run_id)).output));
    return outputs.sort();
  }

  /** The runs that the app was called with for an event of this id. */
  function calledRuns(flavour: Flavour, id: string): string[] {
    const entries = world().app(flavour.name).journal.entries();
    return [...new Set(entries.flatMap((entry) => (entry.kind === "call" && entry.event === id ? [entry.run] : [])))];
  }
});
