// The functions of the set `load`: which steps they have, and what comes of them.

export interface Shape {
  fn: string;
  steps: string[];
  output: (n: number) => unknown;
}

export const SHAPES: Shape[] = [
  {
    fn: "seq",
    steps: ["one", "two", "three", "four"],
    output: (n) => ({ one: n + 1, two: 2 * (n + 1), three: 3 * (n + 1) }),
  },
  { fn: "par", steps: ["a", "b", "c", "sum"], output: (n) => 6 * n },
  { fn: "branches", steps: ["left1", "left2", "right1", "right2", "join"], output: (n) => 4 * (n + 1) },
  { fn: "sleepy", steps: ["before", "after"], output: (n) => 2 * (n + 1) },
  { fn: "flaky", steps: ["before", "flaky", "after"], output: (n) => 2 * (n + 1) + 1 },
];

/** Runs once in every app for one event. */
export const FANOUT: Shape = { fn: "fanout", steps: ["one", "two"], output: (n) => 2 * (n + 1) };
