// Sends events all along while something is being killed again and again, and proves afterwards that nothing was lost,
// doubled or changed.

import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { newSeed } from "../../harness/api.ts";
import { RunEvidence } from "../../harness/evidence.ts";
import type { Random } from "../../harness/random.ts";
import { checkJournals } from "../../harness/use-world.ts";
import type { World } from "../../harness/world.ts";
import { FANOUT, SHAPES, type Shape } from "./shapes.ts";

const KILLS = 20;
const EVENTS_PER_SHAPE_AND_APP = 7;
const FANOUT_EVENTS = 5;
/** A kill comes this long after its predecessor was made good. */
const QUIET_MS = { from: 100, to: 900 };
/** For each run, after the last kill. */
const CEILING_MS = 180_000;

interface Planned {
  event: { name: string; data: { n: number } };
  shape: Shape;
  runs: number;
}

interface Acknowledged extends Planned {
  eventId: string;
  seed: string;
}

/** `strike` kills something, and returns when it is back. */
export async function underFire(
  t: TestContext,
  world: World,
  random: Random,
  strike: (number: number) => Promise<void>,
): Promise<void> {
  t.diagnostic(`E2E_SEED=${random.seed}`);
  const sending: Promise<Acknowledged>[] = [];
  const plan = random.shuffled(planned(world));
  const perKill = Math.ceil(plan.length / KILLS);

  for (let kill = 0; kill < KILLS; kill++) {
    const share = plan.slice(kill * perKill, (kill + 1) * perKill);
    sending.push(...share.map((item) => send(world, item, random.between(0, QUIET_MS.to))));
    await delay(random.between(QUIET_MS.from, QUIET_MS.to));
    await strike(kill);
  }

  const acknowledged = await Promise.all(sending);
  assert.equal(acknowledged.length, plan.length);
  const runs: { run: string; shape: Shape }[] = [];
  for (const item of acknowledged) {
    for (const run of await checkedRuns(world, item)) runs.push({ run, shape: item.shape });
  }
  await sendAllAgain(world, acknowledged);

  const repeated = checkSteps(world, runs);
  checkJournals(world);
  t.diagnostic(`${acknowledged.length} events, ${runs.length} runs, ${KILLS} kills, ${repeated} steps executed more than once`);
}

function planned(world: World): Planned[] {
  const plan: Planned[] = [];
  let n = 0;
  for (const app of world.apps) {
    for (const shape of SHAPES) {
      for (let i = 0; i < EVENTS_PER_SHAPE_AND_APP; i++) {
        plan.push({ event: { name: `${app.id}/${shape.fn}`, data: { n: n++ } }, shape, runs: 1 });
      }
    }
  }
  for (let i = 0; i < FANOUT_EVENTS; i++) {
    plan.push({ event: { name: "load/fanout", data: { n: n++ } }, shape: FANOUT, runs: world.apps.length });
  }
  return plan;
}

/** Sends until it is acknowledged; what never arrived, or was never answered, is sent again under the same seed. */
async function send(world: World, item: Planned, afterMs: number): Promise<Acknowledged> {
  const seed = newSeed();
  await delay(afterMs);
  const eventId = await world.insist(`event ${item.event.name} is acknowledged`, () =>
    world.server.api.send(item.event, seed),
  );
  return { ...item, eventId, seed };
}

/** Waits for the runs of an event, checks how they ended, and returns their ids. */
async function checkedRuns(world: World, { eventId, event, shape, runs: expected }: Acknowledged): Promise<string[]> {
  const runs = await world.endedRuns(eventId, expected, CEILING_MS);
  assert.equal(runs.length, expected, `runs of event ${eventId} (${event.name})`);
  for (const { run_id } of runs) {
    const { status, output } = await world.server.api.run(run_id);
    assert.equal(status, "Completed", `run ${run_id} of ${event.name}: ${JSON.stringify(output)}`);
    assert.deepEqual(output, shape.output(event.data.n), `output of run ${run_id} of ${event.name}`);
  }
  return runs.map(({ run_id }) => run_id);
}

/** The seeds are remembered across all the deaths: the same requests once more change nothing. */
async function sendAllAgain(world: World, acknowledged: Acknowledged[]): Promise<void> {
  const { api } = world.server;
  for (const { event, seed, eventId } of acknowledged) assert.equal(await api.send(event, seed), eventId);
  // By the end of a run that starts after all of these, any of theirs would have begun.
  await checkedRuns(world, await send(world, { event: { name: "load/fanout", data: { n: 1 } }, shape: FANOUT, runs: world.apps.length }, 0));
  for (const { event, eventId, runs } of acknowledged) {
    assert.equal((await api.eventRuns(eventId)).length, runs, `runs of event ${eventId} (${event.name})`);
  }
}

/** Returns how many steps had to be executed more than once, which is allowed as long as nobody held their results. */
function checkSteps(world: World, runs: { run: string; shape: Shape }[]): number {
  const journal = world.entries();
  let repeated = 0;
  for (const { run, shape } of runs) {
    const evidence = new RunEvidence(run, journal);
    for (const step of shape.steps) {
      const succeeded = evidence.outcomes(step).some(({ kind }) => kind === "step-done");
      assert.ok(succeeded, `run ${run} completed although its step ${step} never succeeded`);
      if (evidence.starts(step).length > 1) repeated++;
    }
  }
  return repeated;
}
