// Limits and waiting runs when the app or the server goes away.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { FLAVOURS, type Flavour } from "../harness/flavours.ts";
import { mostAtOnce, type Span, spans } from "../harness/spans.ts";
import { StartedRun } from "../harness/started-run.ts";
import { useWorld } from "../harness/use-world.ts";

/** Longer than all retries of a run would take, had it any. */
const OUTAGE_MS = 4_000;
/** The app may take a moment to read calls of a server that is gone. */
const QUIET_MS = 300;
const LIMIT = 2;
const KEYS = ["a", "b"];
const RUNS_PER_KEY = 8;
const WORK_MS = 300;

describe("outages", { concurrency: true }, () => {
  const world = useWorld({ functions: "flow" });

  for (const flavour of FLAVOURS) {
    it(`${flavour.name}: runs wait for an app that is down, and lose no attempt`, async () => {
      const app = world().app(flavour.name);
      const asleep = await StartedRun.of(world(), flavour, "frail");
      await asleep.pausesAt("pause");
      await app.kill();
      const queued = await Promise.all([1, 2, 3].map(() => StartedRun.of(world(), flavour, "frail")));
      await delay(OUTAGE_MS);
      for (const run of [asleep, ...queued]) {
        // Those that were queued have not started, but one may just be tried.
        const { status } = await world().server.api.run(run.id);
        assert.ok(status === "Scheduled" || status === "Running", `run ${run.id} is ${status}`);
      }
      await app.start();
      for (const run of [asleep, ...queued]) {
        assert.equal(await run.completed(), "rested");
        assert.deepEqual(new Set(run.evidence().calls.map(({ attempt }) => attempt)), new Set([0]));
      }
    });
  }
});

describe("crash of the server with queued runs", { concurrency: 1 }, () => {
  const world = useWorld({ functions: "flow" });

  it("CC-2 no key ever has more than its limit from one server process, and all runs end", async () => {
    const runs = await Promise.all(FLAVOURS.flatMap((flavour) => KEYS.map((key) => startMany(flavour, key))));
    await Promise.all(runs.map(({ runs }) => world().until("some have run", () => runs.some(hasWorked))));
    await world().server.kill();
    await delay(QUIET_MS);
    const restarted = Date.now();
    await world().server.start();
    for (const { flavour, key, runs: alike } of runs) {
      await Promise.all(alike.map((run) => run.completed()));
      const work = alike.flatMap((run) => spans(run.evidence(), "work"));
      assert.ok(work.length >= RUNS_PER_KEY);
      for (const era of [work.filter(({ from }) => from < restarted), work.filter(({ from }) => from >= restarted)]) {
        assert.ok(mostAtOnce(era) <= LIMIT, `${flavour.name}, key ${key}: ${show(era)}`);
      }
    }
    assert.ok(
      runs.some(({ runs }) => runs.some((run) => run.evidence().starts("work").some((at) => at >= restarted))),
      "the server was killed too late",
    );
  });

  async function startMany(flavour: Flavour, key: string): Promise<{ flavour: Flavour; key: string; runs: StartedRun[] }> {
    const data = { key, ms: WORK_MS };
    const runs = await Promise.all(
      Array.from({ length: RUNS_PER_KEY }, () => StartedRun.of(world(), flavour, "pair", data)),
    );
    return { flavour, key, runs };
  }
});

function hasWorked(run: StartedRun): boolean {
  return run.evidence().ends("work").length > 0;
}

function show(era: Span[]): string {
  return era.map(({ from, to }) => `${from}-${to}`).join(" ");
}
