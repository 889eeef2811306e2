// How often functions run, and how many of their steps at once.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { describe, it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { RunEvidence } from "../harness/evidence.ts";
import { FLAVOURS } from "../harness/flavours.ts";
import { mostAtOnce, spans } from "../harness/spans.ts";
import { StartedRun } from "../harness/started-run.ts";
import { useWorld } from "../harness/use-world.ts";

/** How long a step works that others have to wait for, or not. */
const WORK_MS = 500;
/** Apps hear of calls later than the server makes them, on a busy machine by as much as this. */
const SLACK_MS = 1_500;
const THROTTLE = { atOnce: 3, everyMs: 5_000 };
const RATE_AT_ONCE = 2;
const DEBOUNCE = { timeoutMs: 3_000, streamEveryMs: 300, streamMs: 4_500 };

describe("flow control", { concurrency: true }, () => {
  const world = useWorld({ functions: "flow" });

  for (const flavour of FLAVOURS) {
    const start = (fn: string, data: object = {}, more: object = {}): Promise<StartedRun> =>
      StartedRun.of(world(), flavour, fn, data, more);
    const startAll = (fn: string, data: object[]): Promise<StartedRun[]> => StartedRun.all(world(), flavour, fn, data);
    const send = (fn: string, data: object, more: object = {}): Promise<string> =>
      world().server.api.send({ name: `${flavour.name}/${fn}`, data, ...more });
    const sendAll = (fn: string, data: object[], more: object[] = []): Promise<string[]> =>
      world().server.api.sendAll(data.map((data, i) => ({ name: `${flavour.name}/${fn}`, data, ...more[i] })));
    const runsOf = async (eventId: string): Promise<string[]> =>
      (await world().server.api.eventRuns(eventId)).map(({ run_id }) => run_id);
    const started = (run: StartedRun, step: string): number => {
      const [at] = run.evidence().starts(step);
      assert.ok(at !== undefined, `run ${run.id} has not begun ${step}`);
      return at;
    };

    it(`${flavour.name}: scenario 10: a run that sleeps leaves its place to the next`, async () => {
      const [one, two] = await startAll("one-asleep", [{}, {}]);
      await Promise.all([one!.completed(), two!.completed()]);
      const firstWakes = Math.min(started(one!, "after"), started(two!, "after"));
      assert.ok(Math.max(started(one!, "before"), started(two!, "before")) < firstWakes, "one waited for the end of the other");
    });

    it(`${flavour.name}: CC-2 a limit is one for each value of its key`, async () => {
      const [a, b] = [randomUUID(), randomUUID()];
      const runs = await startAll(
        "one-per-key",
        [a, a, a, b].map((key) => ({ key, ms: WORK_MS })),
      );
      await Promise.all(runs.map((run) => run.completed()));
      const [same, other] = [runs.slice(0, 3), runs[3]!];
      assert.equal(mostAtOnce(same.flatMap((run) => spans(run.evidence(), "work"))), 1);
      const last = Math.max(...same.map((run) => started(run, "work")));
      assert.ok(started(other, "work") < last, "another key had to wait");
    });

    it(`${flavour.name}: CC-2 functions share a limit of scope env`, async () => {
      const event = await send("shared", { key: randomUUID(), ms: WORK_MS });
      const runs = await world().endedRuns(event, 2);
      const entries = world().app(flavour.name).journal.entries();
      const work = runs.flatMap(({ run_id }) => spans(new RunEvidence(run_id, entries), "work"));
      assert.equal(work.length, 2);
      assert.equal(mostAtOnce(work), 1);
    });

    it(`${flavour.name}: scenario 11: a throttle starts its limit and burst at once, then one per period`, async () => {
      const runs = await startAll("throttled", Array(THROTTLE.atOnce + 2).fill({}));
      await Promise.all(runs.map((run) => run.completed()));
      const calls = runs.map((run) => run.evidence().calls[0]!.at).sort((a, b) => a - b);
      const after = calls.map((at) => at - calls[0]!);
      assert.ok(after[THROTTLE.atOnce - 1]! < THROTTLE.everyMs - SLACK_MS, `not at once: ${after}`);
      for (const n of [0, 1]) {
        assert.ok(after[THROTTLE.atOnce + n]! > THROTTLE.everyMs * (n + 1) - SLACK_MS, `too early: ${after}`);
      }
    });

    it(`${flavour.name}: scenario 11: a rate limit of 10/1m lets 2 start at once, and drops the others`, async () => {
      const events = await sendAll("limited", Array(RATE_AT_ONCE + 2).fill({}));
      await passBy();
      const runs = await Promise.all(events.map(runsOf));
      assert.deepEqual(
        runs.map(({ length }) => length),
        [1, 1, 0, 0],
      );
    });

    it(`${flavour.name}: scenario 12: a debounce starts one run, with the newest event`, async () => {
      const [key, now] = [randomUUID(), Date.now()];
      const ages = [3_000, 1_000, 2_000];
      const events = await sendAll(
        "debounced",
        ages.map((_, i) => ({ key, n: i + 1 })),
        ages.map((age) => ({ ts: now - age })),
      );
      const run = await StartedRun.byEvent(world(), flavour, events[1]!);
      assert.equal(await run.completed(), 2);
      assert.deepEqual(await Promise.all(events.map(runsOf)), [[], [run.id], []]);
    });

    it(`${flavour.name}: DB-2 the timeout of a debounce ends it although events keep coming`, async () => {
      const [key, opened] = [randomUUID(), Date.now()];
      const events: string[] = [];
      for (let n = 0; Date.now() < opened + DEBOUNCE.streamMs; n++) {
        events.push(await send("debounced-at-most", { key, n }));
        await delay(DEBOUNCE.streamEveryMs);
      }
      const last = await StartedRun.byEvent(world(), flavour, events.at(-1)!);
      await last.completed();
      const runs = (await Promise.all(events.map(runsOf))).flat();
      assert.equal(runs.length, 2, "one at the timeout, and one for what came after it");
      const [call] = world()
        .app(flavour.name)
        .journal.entries()
        .filter((entry) => entry.kind === "call" && entry.run === runs[0]);
      assert.ok(call!.at >= opened + DEBOUNCE.timeoutMs, `after ${call!.at - opened} ms`);
    });

    it(`${flavour.name}: PR-1 a run of higher priority overtakes`, async () => {
      const first = await start("prioritised", { ms: 4 * WORK_MS });
      await first.executes("work");
      const runs = await startAll(
        "prioritised",
        [-100, "nonsense", 100].map((priority) => ({ priority })),
      );
      await Promise.all([first, ...runs].map((run) => run.completed()));
      const [low, usual, high] = runs;
      assert.deepEqual(
        runs.toSorted((a, b) => started(a, "work") - started(b, "work")),
        [high, usual, low],
      );
    });

    it(`${flavour.name}: scenario 13: a batch starts when it is full, or its time is over`, async () => {
      const key = randomUUID();
      const events = await sendAll(
        "batched",
        [1, 2, 3, 4].map((n) => ({ key, n, collect: true })),
      );
      const full = await StartedRun.byEvent(world(), flavour, events[0]!);
      assert.deepEqual(await full.completed(), [1, 2, 3]);
      assert.deepEqual(await runsOf(events[2]!), [full.id], "it is the run of all its events");
      const rest = await StartedRun.byEvent(world(), flavour, events[3]!);
      assert.deepEqual(await rest.completed(), [4]);
    });

    it(`${flavour.name}: BA an event that does not fulfil the condition of batches has a run of its own`, async () => {
      const key = randomUUID();
      const collected = await send("batched", { key, n: 1, collect: true });
      const alone = await start("batched", { key, n: 2, collect: false });
      assert.deepEqual(await alone.completed(), [2]);
      const batch = await StartedRun.byEvent(world(), flavour, collected);
      assert.deepEqual(await batch.completed(), [1]);
    });

    it(`${flavour.name}: scenario 14: a singleton skips what comes while it runs`, async () => {
      const key = randomUUID();
      const first = await start("first-only", { key });
      await first.pausesAt("pause");
      const second = await start("first-only", { key });
      const other = await start("first-only", { key: randomUUID() });
      assert.equal((await world().server.api.run(second.id)).status, "Skipped");
      await Promise.all([first.completed(), other.completed()]);
      assert.deepEqual(second.evidence().calls, []);
      const third = await start("first-only", { key });
      assert.equal(await third.completed(), "rested");
    });

    it(`${flavour.name}: scenario 14: a singleton gives way to what comes while it runs`, async () => {
      const key = randomUUID();
      const first = await start("last-only", { key });
      await first.pausesAt("pause");
      const second = await start("last-only", { key });
      await first.cancelled();
      assert.equal(await second.completed(), "rested");
      assert.deepEqual(first.evidence().starts("after"), []);
    });

    /** Waits for a later run: what was going to start before it has by then. */
    async function passBy(): Promise<void> {
      await (await start("plain")).completed();
    }
  }
});
