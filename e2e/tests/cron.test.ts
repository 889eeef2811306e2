// Functions on a schedule. The shortest there is has a minute, so all flavours wait for the same one.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { FLAVOURS } from "../harness/flavours.ts";
import { useWorld } from "../harness/use-world.ts";

const SCHEDULE = "* * * * *";
const MINUTE_MS = 60_000;
/** A tick is due within a minute; the rest is for a busy machine. */
const CEILING_MS = 2 * MINUTE_MS;

/** What CR-11 gives to the function. */
interface Tick {
  id: string;
  name: string;
  ts: number;
  data: { cron: string };
}

describe("cron", { concurrency: true }, () => {
  const world = useWorld({ functions: "cron" });

  for (const flavour of FLAVOURS) {
    it(`${flavour.name}: CR-8, CR-11 a tick at the full minute starts one run`, async () => {
      const found = await world().until(`${flavour.name} ticks`, () => ticks(flavour.name)[0], CEILING_MS);
      const { run, at, event } = found;
      await world().until("the run ends", async () => (await world().server.api.run(run)).status === "Completed");
      assert.equal(event.name, "inngest/scheduled.timer");
      assert.equal(event.data.cron, SCHEDULE);
      assert.equal(event.ts % MINUTE_MS, 0, "due at a full minute");
      assert.equal(Date.parse(event.id), event.ts, "the id is the time");
      assert.ok(at >= event.ts - 50, `called ${event.ts - at} ms early`);
      const ofThisMinute = ticks(flavour.name).filter(({ event: { id } }) => id === event.id);
      assert.deepEqual([...new Set(ofThisMinute.map(({ run }) => run))], [run]);
    });
  }

  /** What the function was given, and the runs that it was given to. */
  function ticks(appId: (typeof FLAVOURS)[number]["name"]): { run: string; at: number; event: Tick }[] {
    const entries = world().app(appId).journal.entries();
    return entries.flatMap((entry) =>
      entry.kind === "note" && entry.name === "tick" ? [{ run: entry.run, at: entry.at, event: entry.value as Tick }] : [],
    );
  }
});
