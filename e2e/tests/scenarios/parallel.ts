import assert from "node:assert/strict";
import type { Scenario } from "./scenario.ts";

export const parallel: Scenario[] = [
  {
    name: "parallel steps and one after them",
    fn: "parallel",
    output: 6,
    steps: { a: "ok", b: "ok", c: "ok", after: "ok" },
  },
  {
    name: "parallel branches of several steps",
    fn: "branches",
    output: { left: "left-2-3", right: "right-2-3" },
    steps: { left1: "ok", left2: "ok", left3: "ok", right1: "ok", right2: "ok", right3: "ok", join: "ok" },
  },
  {
    name: "parallel steps inside of a parallel branch",
    fn: "nested",
    needs: "nested groups",
    output: 105,
    steps: { first: "ok", x: "ok", y: "ok", inner: "ok", outer1: "ok", outer2: "ok", end: "ok" },
  },
  {
    name: "one of two parallel steps fails and is retried alone",
    fn: "parallel-retry",
    output: ["steady", "flaky"],
    steps: { steady: "ok", flaky: "fail ok", after: "ok" },
  },
  {
    name: "a step beside a sleep",
    fn: "parallel-sleep",
    output: "rested",
    steps: { beside: "ok", after: "ok" },
    check(evidence) {
      const pause = evidence.starts("after")[0]! - evidence.calls[0]!.at;
      assert.ok(pause >= 1_000, `slept only ${pause} ms`);
    },
  },
  {
    name: "Promise.race",
    fn: "race",
    needs: "races",
    output: { winner: "fast" },
    steps: { fast: "ok", slow: "maybe", after: "ok" },
  },
  {
    name: "race in a group",
    fn: "group-race",
    needs: "group races",
    output: { winner: "fast" },
    steps: { fast: "ok", slow: "maybe", after: "ok" },
  },
];
