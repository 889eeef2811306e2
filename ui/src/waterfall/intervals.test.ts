import { describe, expect, test } from "vitest";
import { busyTimes, extentOfRun, segmentsOf, tookOf, union } from "./intervals";
import { attempt, START, step, time, trace } from "./fixtures";

const NOW = START + 10_000;

/** Kinds with their times from the start. */
function told(segments: { kind: string; from: number; to: number }[]): string[] {
  return segments.map(({ kind, from, to }) => `${kind} ${from - START}–${to - START}`);
}

describe("segments of a span", () => {
  test("a step that only ran is code", () => {
    expect(told(segmentsOf(step("a", 10, 30), NOW))).toEqual(["code 10–30"]);
  });

  test("a step that took no time is there", () => {
    expect(told(segmentsOf(step("a", 10, 10), NOW))).toEqual(["code 10–10"]);
  });

  test("what has not started waits in the queue until now", () => {
    const queued = step("a", 10, undefined, { status: "WAITING" });
    delete queued.startedAt;
    expect(told(segmentsOf(queued, NOW))).toEqual(["queued 10–10000"]);
  });

  test("the call is split at where the code began and ended", () => {
    const span = step("a", 100, 300, {
      startedAt: time(160),
      timing: { backoffMs: 20, queuedMs: 30, callMs: 160, userCodeMs: 140 },
    });
    expect(told(segmentsOf(span, NOW))).toEqual([
      "backoff 100–120",
      "queued 120–150",
      "network 150–160",
      "code 160–300",
      "network 300–310",
    ]);
  });

  test("a call that executed more than the step does not reach beyond it", () => {
    const span = step("Finalization", 100, 103, { timing: { queuedMs: 1, callMs: 900 } });
    expect(told(segmentsOf(span, NOW)).at(-1)).toBe("code 100–103");
  });

  test("sleeps and waits are waiting, until now while they are open", () => {
    expect(told(segmentsOf(step("nap", 5, 50, { stepOp: "SLEEP" }), NOW))).toEqual(["waiting 5–50"]);
    const open = step("event", 5, undefined, { stepOp: "WAIT_FOR_EVENT", status: "WAITING" });
    expect(told(segmentsOf(open, NOW))).toEqual(["waiting 5–10000"]);
  });

  test("a step with attempts shows those", () => {
    const span = step("a", 0, 200, {
      children: [
        attempt(0, 0, 10),
        attempt(1, 10, 200, { status: "COMPLETED", startedAt: time(150), timing: { backoffMs: 140 } }),
      ],
    });
    const segments = segmentsOf(span, NOW);
    expect(told(segments)).toEqual(["code 0–10", "backoff 10–150", "code 150–200"]);
    expect(segments.map((segment) => segment.isFailed)).toEqual([true, false, false]);
  });
});

test("what a span took does not begin before it started", () => {
  expect(tookOf(step("a", 10, 30, { startedAt: time(20), durationMs: "10" }), NOW)).toBe(10);
  expect(tookOf(step("a", 10, undefined, { startedAt: time(9000) }), NOW)).toBe(1000);
  const queued = step("a", 10, undefined, { status: "WAITING" });
  delete queued.startedAt;
  expect(tookOf(queued, NOW)).toBeUndefined();
});

describe("the run", () => {
  test("reaches as far as what is in it", () => {
    const { rootSpan } = trace(0, 100, [step("late", 90, 130)]);
    expect(extentOfRun(rootSpan, NOW)).toEqual({ from: START, to: START + 130 });
  });

  test("reaches until now while it runs", () => {
    expect(extentOfRun(trace(0, undefined, []).rootSpan, NOW).to).toBe(NOW);
  });

  test("is at work while calls are in flight and code runs, not while it waits", () => {
    const run = trace(0, 1000, [step("a", 100, 200), step("nap", 200, 900, { stepOp: "SLEEP" })]);
    run.calls = [
      {
        spanId: "1",
        requestId: "1",
        outcome: "SUCCEEDED",
        dueAt: time(0),
        startedAt: time(90),
        durationMs: 30,
      },
      {
        spanId: "2",
        requestId: "2",
        outcome: "SUCCEEDED",
        dueAt: time(0),
        startedAt: time(950),
        durationMs: 20,
      },
    ];
    expect(busyTimes(run, NOW)).toEqual([
      { from: START + 90, to: START + 200 },
      { from: START + 950, to: START + 970 },
    ]);
  });
});

test("a union has no overlaps", () => {
  const joined = union([
    { from: 5, to: 6 },
    { from: 0, to: 3 },
    { from: 2, to: 4 },
    { from: 4, to: 5 },
    { from: 8, to: 9 },
  ]);
  expect(joined).toEqual([
    { from: 0, to: 6 },
    { from: 8, to: 9 },
  ]);
});
