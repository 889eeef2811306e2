// Waiting for events and signals.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { describe, it } from "node:test";
import { FLAVOURS, type Flavour, has } from "../harness/flavours.ts";
import { StartedRun } from "../harness/started-run.ts";
import { useWorld } from "../harness/use-world.ts";

/** Longer than any test takes. */
const PATIENT = 600;
/** Long enough to do something in the meantime. */
const IMPATIENT = 2;

describe("waits", { concurrency: 8 }, () => {
  const world = useWorld({ functions: "waits" });

  for (const flavour of FLAVOURS) {
    const conditional = has(flavour, "match") ? ["wait-if", "wait-match"] : ["wait-if"];
    for (const fn of conditional) {
      it(`${flavour.name}: EX-10 ${fn}: an event resumes the run that it matches`, async () => {
        const [id, answer] = [randomUUID(), unique("answer")];
        const run = await StartedRun.of(world(), flavour, fn, { id, for: answer, seconds: PATIENT });
        await run.pausesAt("wait");
        await send(flavour, answer, { id: randomUUID(), n: 1 });
        await send(flavour, answer, { n: 2 });
        await send(flavour, answer, { id, n: 3 });
        assert.deepEqual(await run.completed(), { name: `${flavour.name}/${answer}`, n: 3 });
      });
    }

    it(`${flavour.name}: WE-1 an event resumes all runs that wait for it (scenario 8)`, async () => {
      const answer = unique("answer");
      const runs = await Promise.all([1, 2].map(() => start(flavour, "wait", answer, PATIENT)));
      await Promise.all(runs.map((run) => run.pausesAt("wait")));
      await send(flavour, answer, { n: 1 });
      for (const run of runs) assert.deepEqual(await run.completed(), { name: `${flavour.name}/${answer}`, n: 1 });
    });

    it(`${flavour.name}: WE-4 of several events the first one resumes the run, once`, async () => {
      const answer = unique("answer");
      const run = await start(flavour, "wait", answer, PATIENT);
      await run.pausesAt("wait");
      const name = `${flavour.name}/${answer}`;
      await world().server.api.postEvents([1, 2, 3].map((n) => ({ name, data: { n } })));
      assert.deepEqual(await run.completed(), { name, n: 1 });
      assert.equal(run.evidence().starts("after").length, 1);
    });

    it(`${flavour.name}: WE-2 an event from before the wait is not heard (scenario 8)`, async () => {
      const answer = unique("answer");
      await send(flavour, answer, { n: 1 });
      const run = await start(flavour, "wait", answer, IMPATIENT);
      assert.equal(await run.completed(), "timeout");
    });

    it(`${flavour.name}: WE-3 the event that started a run ends the waits of others, not its own`, async () => {
      const data = { for: "wait-self", n: 5 };
      const first = await StartedRun.of(world(), flavour, "wait-self", { ...data, seconds: PATIENT });
      await first.pausesAt("wait");
      const second = await StartedRun.of(world(), flavour, "wait-self", { ...data, seconds: IMPATIENT });
      assert.deepEqual(await first.completed(), { name: `${flavour.name}/wait-self`, n: 5 });
      assert.equal(await second.completed(), "timeout");
    });

    it(`${flavour.name}: WE-6 a wait that is not answered ends in time`, async () => {
      const run = await start(flavour, "wait", unique("answer"), IMPATIENT);
      assert.equal(await run.completed(), "timeout");
      const evidence = run.evidence();
      const pause = evidence.starts("after")[0]! - evidence.ends("before")[0]!;
      assert.ok(pause >= IMPATIENT * 1_000, `waited only ${pause} ms`);
    });

    it(`${flavour.name}: OP-1 a step beside a wait can send the event that ends it`, async () => {
      const answer = unique("answer");
      const run = await StartedRun.of(world(), flavour, "wait-beside-send", { for: answer, seconds: PATIENT, n: 7 });
      assert.deepEqual(await run.completed(), { name: `${flavour.name}/${answer}`, n: 7 });
    });

    it(`${flavour.name}: RT-7 a condition that does not compile fails the run at once`, async () => {
      const run = await start(flavour, "wait-invalid", unique("answer"), PATIENT);
      const { name } = await run.failed();
      assert.match(String(name), /^(InvalidExpression|CompileError)$/);
      assert.equal(run.evidence().starts("after").length, 0);
    });
  }

  for (const flavour of FLAVOURS.filter((flavour) => has(flavour, "signals"))) {
    it(`${flavour.name}: a signal resumes the run that waits for it`, async () => {
      const signal = unique("signal");
      const run = await startSignalled(flavour, signal, PATIENT);
      await run.pausesAt("wait");
      const { status, body } = await world().server.api.signal(signal, { yes: true });
      assert.equal(status, 200);
      assert.equal((body as { data: { run_id: string } }).data.run_id, run.id);
      assert.deepEqual(await run.completed(), { signal, data: { yes: true } });
      assert.equal((await world().server.api.signal(signal, {})).status, 404, "the wait is used up");
    });

    it(`${flavour.name}: a wait for a signal ends in time`, async () => {
      const run = await startSignalled(flavour, unique("signal"), IMPATIENT);
      assert.equal(await run.completed(), "timeout");
    });

    it(`${flavour.name}: SG-2 a second wait for the same signal fails its run (scenario 16)`, async () => {
      const signal = unique("signal");
      const first = await startSignalled(flavour, signal, PATIENT);
      await first.pausesAt("wait");
      const second = await startSignalled(flavour, signal, PATIENT);
      const { message } = await second.failed();
      assert.equal(message, "Signal conflict; signal wait already exists for another run");
      assert.equal((await world().server.api.signal(signal, 1)).status, 200);
      assert.deepEqual(await first.completed(), { signal, data: 1 });
    });

    it(`${flavour.name}: SG-3 a second wait can replace the first (scenario 16)`, async () => {
      const signal = unique("signal");
      const first = await startSignalled(flavour, signal, 2 * IMPATIENT);
      await first.pausesAt("wait");
      const second = await startSignalled(flavour, signal, PATIENT, { replace: true });
      await second.pausesAt("wait");
      assert.equal((await world().server.api.signal(signal, 2)).status, 200);
      assert.deepEqual(await second.completed(), { signal, data: 2 });
      assert.equal(await first.completed(), "timeout");
    });

    if (!has(flavour, "sent signals")) continue;
    it(`${flavour.name}: step.sendSignal resumes another run`, async () => {
      const signal = unique("signal");
      const run = await startSignalled(flavour, signal, PATIENT);
      await run.pausesAt("wait");
      const sender = await StartedRun.of(world(), flavour, "signal-sender", { signal, value: [1, 2] });
      assert.equal(await sender.completed(), "sent");
      assert.deepEqual(await run.completed(), { signal, data: [1, 2] });
    });
  }

  it("SG-4 a signal that nobody waits for is refused (scenario 16)", async () => {
    const { status, body } = await world().server.api.signal(unique("signal"), {});
    assert.equal(status, 404);
    assert.deepEqual(body, { error: "No signal found", data: null, status: 404 });
  });

  function start(flavour: Flavour, fn: string, answer: string, seconds: number): Promise<StartedRun> {
    return StartedRun.of(world(), flavour, fn, { for: answer, seconds });
  }

  function startSignalled(flavour: Flavour, signal: string, seconds: number, more: object = {}): Promise<StartedRun> {
    return StartedRun.of(world(), flavour, "signal", { signal, seconds, ...more });
  }

  async function send(flavour: Flavour, name: string, data: object): Promise<void> {
    await world().server.api.send({ name: `${flavour.name}/${name}`, data });
  }
});

/** A name that no other test uses. */
function unique(kind: string): string {
  return `${kind}-${randomUUID()}`;
}
