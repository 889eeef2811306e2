import { expect, test } from "vitest";
import type { Run } from "../../api/types";
import { marksOf, runsByEvent, timeOf } from "./marks";

const run = (id: string, eventIds: string[], values: Partial<Run> = {}): Run => ({
  id,
  function: { id: "f", name: "F", app: { id: "app" } },
  app: { id: "app" },
  status: "COMPLETED",
  queuedAt: "2026-11-29T00:00:00Z",
  trigger: { eventIds },
  ...values,
});

test("a run of a batch belongs to each of its events", () => {
  const found = runsByEvent([run("1", ["a", "b"]), run("2", ["b"]), run("3", [])]);
  expect([...found].map(([event, runs]) => [event, runs.map((it) => it.id)])).toEqual([
    ["a", ["1"]],
    ["b", ["1", "2"]],
  ]);
});

test("of a run that is there twice the last is right", () => {
  const found = runsByEvent([run("1", ["a"], { status: "RUNNING" }), run("1", ["a"])]);
  expect(found.get("a")?.map((it) => it.status)).toEqual(["COMPLETED"]);
});

test("what needs attention comes first", () => {
  const runs = [
    run("1", []),
    run("2", [], { status: "FAILED" }),
    run("3", []),
    run("4", [], { status: "QUEUED", isSkipped: true }),
  ];
  expect(marksOf(runs)).toEqual([
    { status: "FAILED", count: 1 },
    { status: "COMPLETED", count: 2 },
    { status: "SKIPPED", count: 1 },
  ]);
});

test("the time of events, in whole minutes", () => {
  const events = [{ receivedAt: "2026-11-29T00:05:59.999Z" }, { receivedAt: "2026-11-29T00:01:00.000Z" }];
  expect(timeOf(events)).toEqual({ from: "2026-11-29T00:01:00.000Z", until: "2026-11-29T00:07:00.000Z" });
  expect(timeOf([])).toBeUndefined();
});
