// A bulk operation over many runs is stopped, goes on, and loses its server; every run is replayed once.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Operation } from "../harness/api.ts";
import { FLAVOURS } from "../harness/flavours.ts";
import { useWorld } from "../harness/use-world.ts";

const APP = FLAVOURS[0]!;
/** More of them on demand: `E2E_BULK_RUNS=10000`. */
const RUNS = Number(process.env["E2E_BULK_RUNS"] ?? 2_000);
const PER_SECOND = RUNS / 5;
const EVENTS_PER_SEND = 500;
const QUESTIONS_AT_ONCE = 20;
/** For what takes a while with so many runs. */
const CEILING_MS = 300_000;

describe("bulk operations", () => {
  // The auditor is not asked: it would take reruns for doubles.
  const world = useWorld({ functions: "scenarios", flavours: [APP] }, () => undefined);

  it(`replay ${RUNS} failed runs, each once, though they are aborted and killed half way`, async (t) => {
    const { api } = world().server;
    const ofFunction = `functionId=${APP.name}-step-fatal`;
    const filter = { functionId: `${APP.name}-step-fatal`, status: "FAILED", search: "event.data.n >= 0" };
    const replay = { kind: "replay", filter, ratePerSecond: PER_SECOND } as const;

    for (let sent = 0; sent < RUNS; sent += EVENTS_PER_SEND) {
      const events = Array.from({ length: Math.min(EVENTS_PER_SEND, RUNS - sent) }, (_, i) => ({
        name: `${APP.name}/step-fatal`,
        data: { n: sent + i },
      }));
      assert.equal((await api.postEvents(events)).httpStatus, 200);
    }
    await allFailed(RUNS);
    const preview = await api.preview(replay);
    assert.ok(preview.count === RUNS || (preview.count > 0 && !preview.isExact && preview.scannedTo), JSON.stringify(preview));
    const originals = await api.runIds(ofFunction);
    assert.equal(originals.length, RUNS);

    const { id } = await api.startOperation(replay);
    await atLeast(id, RUNS / 4);
    await api.abortOperation(id);
    const aborted = await inState(id, "ABORTED");
    t.diagnostic(`aborted after ${aborted.counts.done}`);
    assert.ok(aborted.counts.done < RUNS / 2, `${aborted.counts.done} were done before the abort`);

    await world().server.kill();
    await world().server.start();
    assert.deepEqual(await api.operation(id), aborted);
    await api.resumeOperation(id);
    const { counts } = await atLeast(id, RUNS / 2);
    t.diagnostic(`killed after ${counts.done}`);
    assert.ok(counts.done < RUNS, `${counts.done} were done before the kill`);
    await world().server.kill();
    await world().server.start();

    const ended = await inState(id, "COMPLETED");
    assert.deepEqual(ended.counts, { matched: RUNS, done: RUNS, skipped: 0, failed: 0 });
    await allFailed(2 * RUNS);
    assert.equal((await api.runIds(ofFunction)).length, 2 * RUNS, "some runs have not failed");
    const reruns: string[] = [];
    for (let asked = 0; asked < RUNS; asked += QUESTIONS_AT_ONCE) {
      const some = originals.slice(asked, asked + QUESTIONS_AT_ONCE);
      for (const [i, made] of (await Promise.all(some.map((run) => api.reruns(run)))).entries()) {
        assert.equal(made.length, 1, `${some[i]} was replayed ${made.length} times`);
        reruns.push(...made);
      }
    }
    assert.equal(new Set([...reruns, ...originals]).size, 2 * RUNS);

    /** Waits until this many runs have failed and none is left to do so. Lists them only then: that takes long. */
    function allFailed(count: number): Promise<unknown> {
      const live = `${ofFunction}&status=QUEUED&status=RUNNING`;
      const haveFailed = async (): Promise<boolean> =>
        !(await api.hasRun(live)) && (await api.runIds(`${ofFunction}&status=FAILED`)).length === count;
      return world().until(`${count} runs fail`, haveFailed, CEILING_MS);
    }

    function inState(operation: string, state: string): Promise<Operation> {
      return world().until(
        `the operation is ${state}`,
        async () => {
          const seen = await api.operation(operation);
          return seen.state === state && seen;
        },
        CEILING_MS,
      );
    }

    function atLeast(operation: string, count: number): Promise<Operation> {
      return world().until(`${count} runs are replayed`, async () => {
        const seen = await api.operation(operation);
        return seen.counts.done >= count && seen;
      });
    }
  });
});
