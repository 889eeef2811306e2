// The server dies again and again while runs wait: for events, signals, other runs, their time, a full minute, or to be
// cancelled. Whatever was acknowledged counts, and counts once.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { before, describe, it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { FLAVOURS, has } from "../harness/flavours.ts";
import { Random } from "../harness/random.ts";
import { useWorld } from "../harness/use-world.ts";
import { Client } from "./load/client.ts";
import { type Moment, MOMENTS, Storm } from "./load/storm.ts";

/** Seconds; longer than everything here takes. */
const PATIENT = 600;
/** Seconds that waits last whose end is part of the test, and how many of them there are. */
const IMPATIENT = { from: 1, to: 5 };
const TIMEOUTS = 6;
/** Seconds of a wait that ends when its event comes, more or less. */
const BRIEF = 2;
const CLOSE_MS = { from: -120, to: 60 };
const CLOSE_CALLS = 6;
/** Runs that one event resumes. */
const WAITING_ALIKE = 2;
const PARENTS = 8;
const CANCELLED_ANYWHERE = 6;
/** After it began to work. */
const CANCEL_MS = { from: 0, to: 400 };
const KILLS_MIN = 20;
const MINUTE_MS = 60_000;
/** What a story takes, so that it can be begun early enough to end under fire. */
const STORY_MS = 8_000;

describe("crash of the server while runs wait", { concurrency: true }, () => {
  const world = useWorld({ functions: "load" });
  const seed = new Random().seed;
  let storm: Storm;
  let lastNumber = 0;

  before(() => {
    storm = new Storm(world(), new Random(seed));
  });

  it("comes often enough", async (t) => {
    t.diagnostic(`E2E_SEED=${seed}`);
    await storm.over;
    t.diagnostic(`${storm.kills} kills`);
    assert.ok(storm.kills >= KILLS_MIN);
  });

  for (const [i, flavour] of FLAVOURS.entries()) {
    const random = new Random(seed + 1 + i);
    const client = (): Client => new Client(world(), flavour);
    /** Plays a story once for each of the items, side by side and at different times. */
    const play = async <T>(items: readonly T[], story: (item: T, client: Client) => Promise<void>): Promise<void> => {
      await Promise.all(
        items.map(async (item) => {
          await storm.sometime(random, STORY_MS);
          await story(item, client());
        }),
      );
      await storm.over;
    };

    it(`${flavour.name}: WE-1, WE-4 the first event that matches resumes all runs that wait for it, and no others`, () =>
      play([...MOMENTS, ...MOMENTS], async (moment, client) => {
        const [id, first] = [randomUUID(), number()];
        const runs = await Promise.all(times(WAITING_ALIKE, () => client.start("waiting", { n: number(), id, seconds: PATIENT })));
        for (const run of runs) assert.ok(await client.pausesAt(run, "wait"));
        await client.send("answer", { id: randomUUID(), n: number() });
        await storm.moment(moment);
        await client.send("answer", { id, n: first });
        await client.send("answer", { id, n: number() });
        for (const run of runs) await completes(client, run, first, moment);
      }));

    it(`${flavour.name}: WE-6 a wait that is not answered ends in time`, () =>
      play(times(TIMEOUTS, () => random.between(IMPATIENT.from, IMPATIENT.to)), async (seconds, client) => {
        const run = await client.start("waiting", { n: number(), id: randomUUID(), seconds });
        await completes(client, run, "timeout", "timeout");
        const evidence = client.evidence(run);
        const waited = evidence.starts("after")[0]! - evidence.ends("before")[0]!;
        assert.ok(waited >= seconds * 1_000, `run ${run} waited only ${waited} ms instead of ${seconds} s`);
      }));

    it(`${flavour.name}: WE-4 a wait ends by its event or by its time, whichever comes first`, () =>
      play(times(CLOSE_CALLS, () => random.between(CLOSE_MS.from, CLOSE_MS.to)), async (closeMs, client) => {
        const [id, n] = [randomUUID(), number()];
        const run = await client.start("waiting", { n: number(), id, seconds: BRIEF });
        const wasOutstanding = await client.pausesAt(run, "wait");
        // The wait was stored after the step before it had ended, and before it was seen.
        const latestEnd = Date.now() + BRIEF * 1_000;
        const earliestEnd = client.evidence(run).ends("before")[0]! + BRIEF * 1_000;
        await delay(Math.max(0, earliestEnd + closeMs - Date.now()));
        const { askedAt, acknowledgedAt } = await client.send("answer", { id, n });
        const { status, output } = await client.ended(run);
        assert.equal(status, "Completed", `run ${run}: ${JSON.stringify(output)}`);
        const told = `run ${run} ended with ${JSON.stringify(output)}; its event was sent ${askedAt - earliestEnd} ms after \
the earliest end of the wait, and acknowledged ${acknowledgedAt - earliestEnd} ms after it`;
        if (wasOutstanding && acknowledgedAt < earliestEnd) assert.equal(output, n, told);
        else if (!wasOutstanding || askedAt > latestEnd) assert.equal(output, "timeout", told);
        else assert.ok(output === n || output === "timeout", told);
      }));

    it(`${flavour.name}: IN-1 a run gets the result of the one run that it invoked`, () =>
      play(times(PARENTS, () => number()), async (n, client) => {
        const run = await client.start("parent", { n });
        await completes(client, run, 2 * (n + 1), "parent");
        const children = new Set(client.notes("child").flatMap(({ run, value }) => (value === n ? [run] : [])));
        assert.equal(children.size, 1, `run ${run} invoked ${[...children]}`);
        for (const child of children) await completes(client, child, 2 * (n + 1), "child");
      }));

    it(`${flavour.name}: CA-1, EV-36 a run that an event cancels stays so, and one run is told`, () =>
      play([...MOMENTS, ...MOMENTS], async (moment, client) => {
        const id = randomUUID();
        const run = await client.start("cancellable", { n: number(), id });
        assert.ok(await client.pausesAt(run, "pause"));
        await storm.moment(moment);
        const { acknowledgedAt } = await client.send("cancel", { id });
        await staysCancelled(client, run, acknowledgedAt, moment);
      }));

    it(`${flavour.name}: CA-4 a run that is cancelled by its id stays so, and one run is told`, () =>
      play(MOMENTS, async (moment, client) => {
        const run = await client.start("cancellable", { n: number(), id: randomUUID() });
        assert.ok(await client.pausesAt(run, "pause"));
        await storm.moment(moment);
        assert.equal((await client.cancel(run)).status, "Cancelled", `run ${run}, cancelled ${moment}`);
        await staysCancelled(client, run, Date.now(), moment);
      }));

    it(`${flavour.name}: CA-4 a run that is cancelled while it works stays as it is by then`, () =>
      play(times(CANCELLED_ANYWHERE, () => random.between(CANCEL_MS.from, CANCEL_MS.to)), async (afterMs, client) => {
        const run = await client.start("seq", { n: number() });
        await delay(afterMs);
        const end = await client.cancel(run);
        assert.match(end.status, /^(Cancelled|Completed)$/, `run ${run} after its cancellation`);
        await storm.over;
        assert.deepEqual(await client.now(run), end, `run ${run} once more`);
      }));

    it(`${flavour.name}: CR-6, CR-8 each tick starts one run`, async () => {
      await storm.over;
      const ticks = (): { run: string; value: unknown }[] => client().notes("tick");
      for (const minute of storm.minutes) {
        const ran = await world().until(`${flavour.name} executes the tick of ${new Date(minute).toISOString()}`, () =>
          ticks().find(({ value }) => Date.parse(String(value)) === minute),
        );
        await completes(client(), ran.run, "ticked", "tick");
      }
      const runs = new Map(ticks().map(({ run, value }) => [run, Date.parse(String(value))]));
      const minutes = [...runs.values()].sort((a, b) => a - b);
      const expected = times(minutes.length, (i) => minutes[0]! + i * MINUTE_MS);
      assert.deepEqual(minutes, expected, `the ticks of ${flavour.name}`);
    });

    if (!has(flavour, "signals")) continue;
    it(`${flavour.name}: a signal resumes the run that waits for it`, () =>
      play([...MOMENTS, ...MOMENTS], async (moment, client) => {
        const [id, n] = [randomUUID(), number()];
        const run = await client.start("signalled", { n: number(), id });
        assert.ok(await client.pausesAt(run, "wait"));
        await storm.moment(moment);
        await client.signal(id, n);
        await completes(client, run, n, moment);
      }));
  }

  async function completes(client: Client, run: string, expected: unknown, what: string): Promise<void> {
    const { status, output } = await client.ended(run);
    assert.deepEqual([status, output], ["Completed", expected], `run ${run} (${what})`);
  }

  /** The run was paused when it was cancelled: there was no call in flight, and there is none afterwards. */
  async function staysCancelled(client: Client, run: string, acknowledgedAt: number, moment: Moment): Promise<void> {
    assert.equal((await client.ended(run)).status, "Cancelled", `run ${run}, cancelled ${moment}`);
    await storm.over;
    assert.equal((await client.now(run)).status, "Cancelled", `run ${run} once more`);
    const late = client.evidence(run).entries.filter(({ at }) => at > acknowledgedAt);
    assert.deepEqual(late, [], `run ${run} after its cancellation`);
    const told = await world().until(`a run is told of the cancellation of run ${run}`, () => {
      const notes = client.notes("cancelled").filter(({ value }) => value === run);
      return notes.length > 0 && notes;
    });
    assert.equal(new Set(told.map(({ run }) => run)).size, 1, `runs that were told of run ${run}`);
  }

  /** One that no other run has. */
  function number(): number {
    return ++lastNumber;
  }
});

function times<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, i) => make(i));
}
