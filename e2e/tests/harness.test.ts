// The tests' own tools: the auditor must find what is wrong, and a death must not go unnoticed.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { audit } from "../harness/audit.ts";
import { hashStepId } from "../harness/evidence.ts";
import type { Entry } from "../harness/journal.ts";
import { cleanEnvironment } from "../harness/paths.ts";
import { Process } from "../harness/process.ts";
import { Random } from "../harness/random.ts";

const A = hashStepId("a");
const B = hashStepId("b");

type Call = Extract<Entry, { kind: "call" }>;

function call(stack: string[], more: Partial<Call> = {}): Entry {
  const call = { at: 0, kind: "call", run: "r", fn: "f", target: "step", attempt: 0, event: "e", useApi: false } as const;
  return { ...call, memoized: [...stack].reverse(), stack, ...more };
}

const step = (step: string): Entry => ({ at: 0, kind: "step", run: "r", step, attempt: 0 });
const checkpoint = (...steps: string[]): Entry => ({ at: 0, kind: "checkpoint", run: "r", steps });

describe("auditor", () => {
  const CASES: { name: string; journal: Entry[]; finds: RegExp | undefined }[] = [
    { name: "a run as it should be", journal: [call([]), step("a"), call([A]), step("b"), call([A, B])], finds: undefined },
    { name: "a repetition of what nobody held", journal: [call([]), step("a"), call([]), step("a"), call([A])], finds: undefined },
    { name: "a call of use_api", journal: [call([A], { memoized: [], useApi: true })], finds: undefined },
    { name: "a repetition after a checkpoint", journal: [call([]), step("a"), checkpoint(A), step("a")], finds: /checkpoint was ack/ },
    { name: "a repetition after a call", journal: [call([A]), step("a")], finds: /a call carried/ },
    { name: "a lost checkpoint", journal: [checkpoint(A), call([])], finds: /lacks step/ },
    { name: "a stack in another order", journal: [call([A, B]), call([B, A])], finds: /contradict/ },
    { name: "a step twice in a stack", journal: [call([A, A])], finds: /twice/ },
    { name: "values without stack", journal: [call([], { memoized: [A] })], finds: /not those of its stack/ },
    { name: "use_api with values", journal: [call([A], { useApi: true })], finds: /all the same/ },
    { name: "two runs of one event", journal: [call([]), call([], { run: "s" })], finds: /two runs: r and s/ },
    { name: "two functions of one event", journal: [call([]), call([], { run: "s", fn: "g" })], finds: undefined },
  ];
  for (const { name, journal, finds } of CASES) {
    it(`${finds === undefined ? "accepts" : "finds"} ${name}`, () => {
      const violations = audit(journal);
      if (finds === undefined) assert.deepEqual(violations, []);
      else assert.match(violations.join("\n"), finds);
    });
  }
});

describe("process", () => {
  const start = (script: string): Process =>
    new Process("the child", process.execPath, ["-e", script], { cwd: ".", env: cleanEnvironment() });

  it("reports an unexpected death with the last words", async () => {
    const child = start("console.log('last words'); process.exitCode = 3");
    await child.exit;
    assert.throws(() => child.assertAlive(), /the child died \(exit code 3\)[^]*last words/);
  });

  it("reports a program that cannot be started", async () => {
    const child = new Process("the child", "/nonexistent", [], { cwd: ".", env: {} });
    await child.exit;
    assert.throws(() => child.assertAlive(), /ENOENT/);
  });

  it("does not complain of a death that was asked for", async () => {
    const child = start("setInterval(() => {}, 1000)");
    assert.equal((await child.terminate()).signal, "SIGTERM");
    child.assertAlive();
  });
});

describe("random", () => {
  it("repeats itself for a seed", () => {
    const draw = (seed: number): number[] => {
      const random = new Random(seed);
      return Array.from({ length: 5 }, () => random.between(0, 1_000));
    };
    assert.deepEqual(draw(7), draw(7));
    assert.notDeepEqual(draw(7), draw(8));
  });
});
