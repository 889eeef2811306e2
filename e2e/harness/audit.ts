// The auditor: what must hold of every journal, whatever was killed in the meantime.
//
// 1. A step is not executed once the server holds its result: once a checkpoint of it was acknowledged, or a call carried it.
// 2. What was acknowledged is there: every later call of the run carries it.
// 3. The stack of a run only ever grows at its end, and the values sent along are those of the stack.
// 4. An event makes at most one run of a function.

import { hashStepId } from "./evidence.ts";
import type { Entry } from "./journal.ts";

type Call = Extract<Entry, { kind: "call" }>;

/** All violations, as sentences. */
export function audit(journal: readonly Entry[]): string[] {
  const violations: string[] = [];
  const runs = new Map<string, RunAuditor>();
  const runOfEvent = new Map<string, string>();

  for (const entry of journal) {
    if (!("run" in entry)) continue;
    const auditor = runs.get(entry.run) ?? new RunAuditor(entry.run, violations);
    runs.set(entry.run, auditor);
    auditor.take(entry);
    if (entry.kind !== "call") continue;
    const key = `event ${entry.event} and function ${entry.fn}`;
    const run = runOfEvent.get(key) ?? entry.run;
    runOfEvent.set(key, run);
    if (run !== entry.run) violations.push(`${key} have two runs: ${run} and ${entry.run}`);
  }
  return [...new Set(violations)];
}

class RunAuditor {
  readonly #run: string;
  readonly #violations: string[];
  /** Hashed ids of steps whose result the server is known to hold, and how that became known. */
  readonly #held = new Map<string, string>();
  readonly #acknowledged = new Set<string>();
  #longestStack: string[] = [];

  constructor(run: string, violations: string[]) {
    this.#run = run;
    this.#violations = violations;
  }

  take(entry: Entry): void {
    if (entry.kind === "call") this.#takeCall(entry);
    if (entry.kind === "checkpoint") {
      for (const id of entry.steps) {
        this.#held.set(id, "its checkpoint was acknowledged");
        this.#acknowledged.add(id);
      }
    }
    if (entry.kind === "step") {
      const held = this.#held.get(hashStepId(entry.step));
      if (held !== undefined) this.#report(`step ${entry.step} was executed although ${held}`);
    }
  }

  #takeCall({ stack, memoized, useApi }: Call): void {
    const ids = new Set(stack);
    if (ids.size < stack.length) this.#report(`a stack has a step twice: ${stack}`);
    if (useApi && memoized.length > 0) this.#report("a call with use_api has values all the same");
    if (!useApi && (memoized.length !== ids.size || memoized.some((id) => !ids.has(id)))) {
      this.#report(`a call's values (${memoized}) are not those of its stack (${stack})`);
    }
    for (const id of this.#acknowledged) {
      if (!ids.has(id)) this.#report(`a call lacks step ${id}, whose checkpoint was acknowledged before`);
    }
    const [short, long] = stack.length < this.#longestStack.length ? [stack, this.#longestStack] : [this.#longestStack, stack];
    if (short.some((id, i) => id !== long[i])) this.#report(`stacks contradict each other: ${short} and ${long}`);
    this.#longestStack = long;
    for (const id of ids) if (!this.#held.has(id)) this.#held.set(id, "a call carried its result");
  }

  #report(violation: string): void {
    this.#violations.push(`run ${this.#run}: ${violation}`);
  }
}
