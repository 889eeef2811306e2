// Functions that run functions.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { describe, it } from "node:test";
import { FLAVOURS, type Flavour, has } from "../harness/flavours.ts";
import { StartedRun } from "../harness/started-run.ts";
import { useWorld } from "../harness/use-world.ts";

const INVOKED = "inngest/function.invoked";
/** Shorter than the slow child sleeps. */
const IMPATIENT = 1;
const PATIENT = 600;

describe("invoke", { concurrency: 8 }, () => {
  const world = useWorld({ functions: "invoke" });

  for (const [i, flavour] of FLAVOURS.entries()) {
    it(`${flavour.name}: IN-1 by id`, async () => {
      const run = await StartedRun.of(world(), flavour, "by-id", { n: 21 });
      assert.deepEqual(await run.completed(), { double: 42, event: INVOKED });
      checkOnce(run);
    });

    it(`${flavour.name}: IN-1 a function of another app`, async () => {
      const other = FLAVOURS[(i + 1) % FLAVOURS.length]!;
      const run = await StartedRun.of(world(), flavour, "other-app", { n: 4, app: other.name });
      assert.deepEqual(await run.completed(), { double: 8, event: INVOKED });
      checkOnce(run);
    });

    it(`${flavour.name}: IN-3 a child that fails fails the step, which is not retried (scenario 15)`, async () => {
      const run = await StartedRun.of(world(), flavour, "uncaught", { n: 1 });
      assert.match((await run.failed()).message, /the child says no/);
      assert.equal(run.evidence().starts("after").length, 0);
    });

    it(`${flavour.name}: IN-3 the function can catch the failure of a child`, async () => {
      const { message } = await caught(flavour, "child-fails", PATIENT);
      assert.match(message, /the child says no/);
    });

    it(`${flavour.name}: IN-2 a function that does not exist (scenario 15)`, async () => {
      const { name, message } = await caught(flavour, "nowhere", PATIENT);
      assert.equal(message, `could not find function with ID: ${flavour.name}-nowhere`);
      checkName(flavour, name, "Error");
    });

    it(`${flavour.name}: IN-4 a child that takes too long goes on without its parent (scenario 15)`, async () => {
      const id = randomUUID();
      const { name, message } = await caught(flavour, "child-slow", IMPATIENT, id);
      assert.equal(message, "Timed out waiting for invoked function to complete");
      checkName(flavour, name, "InngestInvokeTimeoutError");
      const child = await world().until("the child goes on", () => childOf(flavour, id));
      await world().until("the child ends", async () => (await world().server.api.run(child)).status === "Completed");
    });

    it(`${flavour.name}: POST /invoke/{slug} runs a function`, async () => {
      const { status, body } = await world().server.api.invoke(`${flavour.name}-child`, { data: { n: 5 } });
      const { id, status: told } = body as { id: string; status: number };
      assert.deepEqual([status, told], [200, 200]);
      const run = await StartedRun.byEvent(world(), flavour, id);
      assert.deepEqual(await run.completed(), { double: 10, event: INVOKED });
    });

    if (!has(flavour, "function objects")) continue;
    it(`${flavour.name}: IN-1 by the function's object`, async () => {
      const run = await StartedRun.of(world(), flavour, "by-reference", { n: 3 });
      assert.deepEqual(await run.completed(), { double: 6, event: INVOKED });
      checkOnce(run);
    });
  }

  it("POST /invoke/{slug} accepts functions that do not exist", async () => {
    const { status } = await world().server.api.invoke("nobody-nowhere", { data: {} });
    assert.equal(status, 200);
  });

  /** The error with which invoking `target` failed. */
  async function caught(flavour: Flavour, target: string, seconds: number, id = ""): Promise<{ name?: string; message: string }> {
    const run = await StartedRun.of(world(), flavour, "caught", { target, seconds, id });
    const error = (await run.completed()) as { name?: string; message: string };
    assert.equal(run.evidence().starts("recover").length, 1);
    return error;
  }

  function checkName(flavour: Flavour, name: string | undefined, expected: string): void {
    assert.equal(name, has(flavour, "names of invoke errors") ? expected : undefined);
  }

  /** The run of the slow child that was given this id. */
  function childOf(flavour: Flavour, id: string): string | undefined {
    const entries = world().app(flavour.name).journal.entries();
    return entries.flatMap((entry) => (entry.kind === "note" && entry.name === "slow" && entry.value === id ? [entry.run] : []))[0];
  }
});

function checkOnce(run: StartedRun): void {
  for (const step of ["before", "after"]) assert.equal(run.evidence().starts(step).length, 1, `executions of step ${step}`);
}
