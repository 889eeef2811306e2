import assert from "node:assert/strict";
import type { Scenario } from "./scenario.ts";

export const basics: Scenario[] = [
  {
    name: "steps in sequence",
    fn: "sequence",
    data: () => ({ n: 4 }),
    output: { one: 5, two: 10, three: { sum: 15 } },
    steps: { one: "ok", two: "ok", three: "ok" },
  },
  {
    name: "a function without steps",
    fn: "no-steps",
    data: () => ({ name: "world" }),
    output: { hello: "world" },
    steps: {},
  },
  {
    name: "a function that returns nothing",
    fn: "nothing",
    output: null,
    steps: { only: "ok" },
  },
  {
    name: "100 steps in a loop",
    fn: "loop",
    output: { sum: 4950 },
    steps: Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`step-${i}`, "ok"])),
  },
  {
    name: "one step id used three times",
    fn: "same-id",
    output: { seen: [0, 1, 2] },
    steps: { again: "ok", "again:1": "ok", "again:2": "ok" },
  },
  {
    name: "sleep of a second",
    fn: "sleep",
    output: "rested",
    steps: { before: "ok", after: "ok" },
    check(evidence) {
      const pause = evidence.starts("after")[0]! - evidence.ends("before")[0]!;
      assert.ok(pause >= 1_000, `slept only ${pause} ms`);
    },
  },
  {
    // TypeScript sends an empty duration for it, which is none at all.
    name: "sleep of less than a second",
    fn: "short-sleep",
    output: "rested",
    steps: { before: "ok", after: "ok" },
  },
  {
    name: "sleep until an instant",
    fn: "sleep-until",
    data: () => ({ until: new Date(Date.now() + 1_500).toISOString() }),
    output: "rested",
    steps: { before: "ok", after: "ok" },
    check(evidence, data) {
      const early = Date.parse(String(data["until"])) - evidence.starts("after")[0]!;
      assert.ok(early <= 0, `woke ${early} ms early`);
    },
  },
  {
    name: "sleep until an instant in the past",
    fn: "sleep-until",
    data: () => ({ until: "2020-01-01T00:00:00.000Z" }),
    output: "rested",
    steps: { before: "ok", after: "ok" },
  },
];
