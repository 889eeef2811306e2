// SIGTERM: the server finishes the calls it has made, keeps their results, and leaves the rest for its successor.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { RunEvidence } from "../harness/evidence.ts";
import { useWorld } from "../harness/use-world.ts";

describe("graceful stop", () => {
  const world = useWorld({ functions: "scenarios" });

  it("drains running calls, exits with 0, and loses and repeats nothing", async () => {
    const { server, apps } = world();
    const events = await Promise.all(apps.map((app) => server.api.send({ name: `${app.id}/slow` })));
    const running = await world().until("a slow step runs in every app", () => {
      const starts = world().entries().filter((entry) => entry.kind === "step" && entry.step === "slow");
      return starts.length === apps.length && starts;
    });

    assert.deepEqual(await server.terminate(), { code: 0, signal: null });
    for (const { run } of running as { run: string }[]) {
      assert.equal(new RunEvidence(run, world().entries()).ends("slow").length, 1, "the server left during the call");
    }

    await server.start();
    for (const id of events) {
      const [run] = await world().endedRuns(id);
      assert.deepEqual((await server.api.run(run!.run_id)).output, ["slow", "after"]);
      const evidence = new RunEvidence(run!.run_id, world().entries());
      for (const step of ["slow", "after"]) assert.equal(evidence.starts(step).length, 1, `executions of step ${step}`);
    }
  });

  it("exits with 0 when nothing is going on, and comes back", async () => {
    const { server } = world();
    assert.deepEqual(await server.terminate(), { code: 0, signal: null });
    await server.start();
    const [run] = await world().endedRuns(await server.api.send({ name: "ts4/sequence", data: { n: 1 } }));
    assert.equal(run!.status, "Completed");
  });
});
