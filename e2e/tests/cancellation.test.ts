// Runs that end before they are done.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { describe, it } from "node:test";
import { FLAVOURS, type Flavour, has } from "../harness/flavours.ts";
import { StartedRun } from "../harness/started-run.ts";
import { useWorld } from "../harness/use-world.ts";

/** What `inngest/function.cancelled` looks like to a function. */
interface CancelledEvent {
  id: string;
  name: string;
  data: { function_id: string; run_id: string; event: { name: string }; error?: { name: string; message: string } };
}

const TIMEOUT_MS = 2_000;
/** The functions pause for a minute: what is cancelled by then was not waited for. */
const FUTURE_MS = 60_000;

describe("cancellation", { concurrency: 8 }, () => {
  const world = useWorld({ functions: "cancellation" });

  for (const flavour of FLAVOURS) {
    const paused = has(flavour, "match") ? ["asleep", "waiting", "matched"] : ["asleep", "waiting"];
    for (const fn of paused) {
      it(`${flavour.name}: CA-3 an event cancels the run that it matches (${fn}, scenario 9)`, async () => {
        const [id, other] = [randomUUID(), randomUUID()];
        const run = await StartedRun.of(world(), flavour, fn, { id });
        const spared = await StartedRun.of(world(), flavour, fn, { id: other });
        await Promise.all([run.pausesAt("pause"), spared.pausesAt("pause")]);
        await cancel(flavour, id);
        await run.cancelled();
        await checkTold(flavour, run, fn);
        assert.equal((await world().server.api.run(spared.id)).status, "Running");
        await cancel(flavour, other);
        await spared.cancelled();
        checkNothingFollowed(run);
      });
    }

    it(`${flavour.name}: CA-2 a step that executes is not interrupted, and nothing comes after it`, async () => {
      const id = randomUUID();
      const run = await StartedRun.of(world(), flavour, "executing", { id });
      await run.executes("long");
      await cancel(flavour, id);
      await run.cancelled();
      const calls = run.evidence().calls.length;
      await run.hasExecuted("long");
      await passBy(flavour);
      assert.equal(run.evidence().calls.length, calls, "it was called again");
      if (has(flavour, "giving up")) checkNothingFollowed(run);
    });

    it(`${flavour.name}: TO-1 timeouts.finish cancels a run that takes too long`, async () => {
      const run = await StartedRun.of(world(), flavour, "never-finishes");
      await run.cancelled();
      await checkTold(flavour, run, "never-finishes");
      // By the server's clock: the app hears of the first call a little later.
      const { run_started_at, ended_at } = await world().server.api.run(run.id);
      const lasted = Date.parse(ended_at ?? "") - Date.parse(run_started_at);
      assert.ok(lasted >= TIMEOUT_MS, `it was cancelled after ${lasted} ms`);
      checkNothingFollowed(run);
    });

    it(`${flavour.name}: EV-22 timeouts.start cancels a run that does not begin in time`, async () => {
      const run = await StartedRun.of(world(), flavour, "never-starts", {}, { ts: Date.now() + FUTURE_MS });
      await run.cancelled();
      assert.deepEqual(run.evidence().calls, []);
    });

    it(`${flavour.name}: timeouts.start does not concern a run that has begun`, async () => {
      const run = await StartedRun.of(world(), flavour, "never-starts");
      await run.pausesAt("pause");
      const begun = run.evidence().calls[0]!.at;
      await world().until("the timeout passes", () => Date.now() > begun + TIMEOUT_MS + 1_000);
      assert.equal((await world().server.api.run(run.id)).status, "Running");
      await world().server.api.cancelRun(run.id);
      await run.cancelled();
    });

    it(`${flavour.name}: CA-4 DELETE /v1/runs/{id} cancels a run, and does no harm afterwards`, async () => {
      const run = await StartedRun.of(world(), flavour, "plain");
      await run.pausesAt("pause");
      assert.equal((await world().server.api.cancelRun(run.id)).status, 200);
      await run.cancelled();
      await checkTold(flavour, run, "plain");
      assert.equal((await world().server.api.cancelRun(run.id)).status, 200);
      checkNothingFollowed(run);
      const done = await passBy(flavour);
      assert.equal((await world().server.api.cancelRun(done.id)).status, 200);
      assert.equal(await done.completed(), "passed");
    });

    it(`${flavour.name}: POST /v1/cancellations cancels the runs that match`, async () => {
      const group = randomUUID();
      const before = new Date(Date.now() - 1_000).toISOString();
      const [one, two, other] = await Promise.all(
        [group, group, "other"].map((group) => StartedRun.of(world(), flavour, "plain", { group })),
      );
      await Promise.all([one!, two!, other!].map((run) => run.pausesAt("pause")));
      const { status, body } = await world().server.api.cancelRuns({
        app_id: flavour.name,
        function_id: "plain",
        started_after: before,
        started_before: new Date().toISOString(),
        if: `event.data.group == '${group}'`,
      });
      assert.ok(status === 200 || status === 201, JSON.stringify(body));
      await Promise.all([one!.cancelled(), two!.cancelled()]);
      assert.equal((await world().server.api.run(other!.id)).status, "Running");
      await world().server.api.cancelRun(other!.id);
    });
  }

  it("DELETE /v1/runs/{id} tells bad ids from unknown ones", async () => {
    assert.equal((await world().server.api.cancelRun("nonsense")).status, 400);
    assert.equal((await world().server.api.cancelRun("01HF7YAT00041061050R3GG28B")).status, 404);
  });

  it("POST /v1/cancellations refuses what it cannot do", async () => {
    const about = { app_id: "ts4", function_id: "plain" };
    const now = Date.now();
    const bad = [
      { ...about, started_before: "" },
      { ...about, started_before: new Date(now + 60_000).toISOString() },
      { ...about, started_before: new Date(now - 60_000).toISOString(), started_after: new Date(now).toISOString() },
      { ...about, started_before: new Date(now).toISOString(), if: "event.data.x ==" },
    ];
    for (const cancellation of bad) {
      const { status, body } = await world().server.api.cancelRuns(cancellation);
      assert.equal(status, 400, `${JSON.stringify(cancellation)}: ${JSON.stringify(body)}`);
    }
  });

  async function cancel(flavour: Flavour, id: string): Promise<void> {
    await world().server.api.send({ name: `${flavour.name}/cancel`, data: { id } });
  }

  /** Waits for a later run: what was going to follow an earlier one has by then. */
  async function passBy(flavour: Flavour): Promise<StartedRun> {
    const run = await StartedRun.of(world(), flavour, "passer-by");
    await run.completed();
    return run;
  }

  /** EV-32, EV-36: the event that tells of the end. CA-5: no failure handler is told. */
  async function checkTold(flavour: Flavour, run: StartedRun, fn: string): Promise<{ at: number }> {
    const told = await world().until(`${flavour.name} is told that run ${run.id} was cancelled`, () =>
      notes(flavour, "cancelled").find(({ value }) => (value as CancelledEvent).data.run_id === run.id),
    );
    const { id, name, data } = told.value as CancelledEvent;
    assert.equal(id, run.id);
    assert.equal(name, "inngest/function.cancelled");
    assert.equal(data.function_id, `${flavour.name}-${fn}`);
    assert.equal(data.event.name, `${flavour.name}/${fn}`);
    assert.match(data.error?.message ?? "", /cancelled/);
    await passBy(flavour);
    assert.deepEqual(notes(flavour, "on-failure").filter(({ value }) => value === run.id), []);
    return told;
  }

  function notes(flavour: Flavour, name: string): { value: unknown; at: number }[] {
    const entries = world().app(flavour.name).journal.entries();
    return entries.flatMap((entry) => (entry.kind === "note" && entry.name === name ? [{ value: entry.value, at: entry.at }] : []));
  }
});

function checkNothingFollowed(run: StartedRun): void {
  assert.equal(run.evidence().starts("after").length, 0, "the step after the cancellation was executed");
}
