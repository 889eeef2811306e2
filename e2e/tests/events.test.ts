// The event endpoint: what it answers, and what it starts.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { newSeed } from "../harness/api.ts";
import { FLAVOURS } from "../harness/flavours.ts";
import { useWorld } from "../harness/use-world.ts";

const TOO_EARLY = Date.UTC(1979, 11, 31);
const TOO_LATE = Date.UTC(2100, 0, 2);

/** Bodies that are refused, with the error and how many of their events are accepted all the same. */
const BAD: { name: string; body: unknown; error: RegExp; accepted?: number }[] = [
  { name: "an empty name", body: [{ name: "" }], error: /name is empty/ },
  { name: "no name", body: { data: {} }, error: /name is empty/ },
  { name: "a reserved name", body: [{ name: "inngest/x" }], error: /reserved for internal use: inngest\/x/ },
  { name: "a reserved name in capitals", body: [{ name: "INNGEST/x" }], error: /reserved for internal use/ },
  { name: "a time before 1980", body: [{ name: "e2e/x", ts: TOO_EARLY }], error: /timestamp/ },
  { name: "a time after 2099", body: [{ name: "e2e/x", ts: TOO_LATE }], error: /timestamp/ },
  { name: "data that is no object", body: [{ name: "e2e/x", data: [1] }], error: /./ },
  { name: "a body that is no JSON", body: "nonsense", error: /event object or an array/ },
  {
    name: "a bad event between good ones",
    body: [{ name: "e2e/x" }, { name: "e2e/x" }, { name: "" }, { name: "e2e/x" }],
    error: /name is empty/,
    accepted: 2,
  },
];

describe("events", () => {
  const world = useWorld({ functions: "scenarios" });

  it("gives the ids of an array in its order", async () => {
    const { api } = world().server;
    const names = ["e2e/first", "e2e/second", "e2e/third", "e2e/first"];
    const reply = await api.postEvents(names.map((name, i) => ({ name, data: { i } })));
    assert.equal(reply.httpStatus, 200);
    assert.equal(reply.status, 200);
    assert.equal(new Set(reply.ids).size, names.length);
    for (const [i, id] of reply.ids.entries()) {
      const event = await api.event(id);
      assert.deepEqual([event.name, event.data], [names[i], { i }]);
    }
  });

  it("accepts a single object", async () => {
    const reply = await world().server.api.postEvents({ name: "e2e/single", data: null });
    assert.equal(reply.httpStatus, 200);
    assert.equal(reply.ids.length, 1);
  });

  for (const { name, body, error, accepted = 0 } of BAD) {
    it(`refuses ${name}`, async () => {
      const reply = await world().server.api.postEvents(body);
      assert.equal(reply.httpStatus, 400);
      assert.equal(reply.status, 400);
      assert.match(reply.error ?? "", error);
      // Some servers list an empty id where nothing was accepted.
      assert.equal(reply.ids.filter((id) => id !== "").length, accepted);
    });
  }

  it("runs functions for the events before a bad one, and for none after it", async () => {
    const { api } = world().server;
    const app = world().app("ts4");
    const event = (n: number) => ({ name: `${app.id}/sequence`, data: { n } });
    const reply = await api.postEvents([event(100), { name: "" }, event(200)]);
    assert.equal(reply.httpStatus, 400);
    const [run] = await world().endedRuns(reply.ids[0]!);
    assert.deepEqual((await api.run(run!.run_id)).output, { one: 101, two: 202, three: { sum: 303 } });
    await passByEverythingSent();
    const events = await Promise.all(calledEvents(`${app.id}-sequence`).map((id) => api.event(id)));
    assert.ok(!events.some(({ data }) => data["n"] === 200), "the event after the bad one was accepted");
  });

  it("makes internal ids from the seed", async () => {
    const reply = await world().server.api.postEvents([{ name: "e2e/seed" }, { name: "e2e/seed" }], "1700000000000,AQIDBAUGBwgJCg==");
    assert.deepEqual(reply.ids, ["01HF7YAT00041061050R3GG28B", "01HF7YAT00041061050R3GG28C"]);
  });

  it("accepts an unusable seed and ignores it", async () => {
    const reply = await world().server.api.postEvents([{ name: "e2e/seed" }], "nonsense");
    assert.equal(reply.httpStatus, 200);
    assert.match(reply.ids[0] ?? "", /^[0-9A-HJKMNP-TV-Z]{26}$/);
  });

  it("makes one run of a request that was repeated with its seed", async () => {
    const { api } = world().server;
    const event = { name: "ts4/sequence", data: { n: 1 } };
    const seed = newSeed();
    const id = await api.send(event, seed);
    // Once while the run may be going on, once after its end.
    assert.equal(await api.send(event, seed), id);
    await world().endedRuns(id);
    assert.equal(await api.send(event, seed), id);
    await passByEverythingSent();
    assert.equal((await api.eventRuns(id)).length, 1);
    assert.equal(new Set(runsOfEvent(id)).size, 1);
  });

  for (const { name: appId } of FLAVOURS) {
    it(`${appId}: one event runs all functions that listen to it`, async () => {
      const { api } = world().server;
      const id = await api.send({ name: `${appId}/shared` });
      const runs = await world().endedRuns(id, 2);
      const outputs = await Promise.all(runs.map(async ({ run_id }) => (await api.run(run_id)).output));
      assert.deepEqual(outputs.sort(), ["one", "two"]);
    });

    it(`${appId}: step.sendEvent triggers another function`, async () => {
      const { api } = world().server;
      const tag = `tag-${newSeed()}`;
      const [sender] = await world().endedRuns(await api.send({ name: `${appId}/sender`, data: { tag } }));
      assert.equal((await api.run(sender!.run_id)).output, "sent");
      const received = await world().until("the receiver is called with the tag", async () => {
        for (const id of new Set(calledEvents(`${appId}-receiver`))) {
          if ((await api.event(id)).data["from"] === tag) return id;
        }
        return undefined;
      });
      const [receiver, ...others] = await world().endedRuns(received);
      assert.deepEqual(others, []);
      assert.equal((await api.run(receiver!.run_id)).output, tag);
    });
  }

  /** Waits for the run of a later event: had an earlier one been going to start another run, it would have by then. */
  async function passByEverythingSent(): Promise<void> {
    await world().endedRuns(await world().server.api.send({ name: "ts4/sequence", data: { n: 0 } }));
  }

  /** Ids of the events with which a function was called, oldest first. */
  function calledEvents(fn: string): string[] {
    return world()
      .entries()
      .flatMap((entry) => (entry.kind === "call" && entry.fn === fn ? [entry.event] : []));
  }

  function runsOfEvent(eventId: string): string[] {
    return world()
      .entries()
      .flatMap((entry) => (entry.kind === "call" && entry.event === eventId ? [entry.run] : []));
  }
});
