// What the journals tell about one run.

import { createHash } from "node:crypto";
import type { Entry } from "./journal.ts";

type Kind = Entry["kind"];
type EntryOf<K extends Kind> = Extract<Entry, { kind: K }>;

/** The id under which SDK and server know a step. */
export function hashStepId(step: string): string {
  return createHash("sha1").update(step).digest("hex");
}

export class RunEvidence {
  readonly run: string;
  /** In the order in which they happened. */
  readonly entries: Entry[];

  constructor(run: string, journal: readonly Entry[]) {
    this.run = run;
    this.entries = journal.filter((entry) => "run" in entry && entry.run === run);
  }

  get calls(): EntryOf<"call">[] {
    return this.#all("call");
  }

  /** Every execution of a step that ended, first to last. */
  outcomes(step: string): (EntryOf<"step-done"> | EntryOf<"step-failed">)[] {
    return this.entries.filter(
      (entry): entry is EntryOf<"step-done"> | EntryOf<"step-failed"> =>
        (entry.kind === "step-done" || entry.kind === "step-failed") && entry.step === step,
    );
  }

  /** When executions of a step began. */
  starts(step: string): number[] {
    return this.#all("step")
      .filter((entry) => entry.step === step)
      .map(({ at }) => at);
  }

  /** When executions of a step ended. */
  ends(step: string): number[] {
    return this.outcomes(step).map(({ at }) => at);
  }

  get executedSteps(): Set<string> {
    return new Set(this.#all("step").map(({ step }) => step));
  }

  /** Values and times of the notes of this name. */
  notes(name: string): { value: unknown; at: number }[] {
    return this.#all("note").filter((entry) => entry.name === name);
  }

  /** Whether the server has shown that it holds the result of a step which ended at this entry. */
  isMemoizedAfter(entry: Entry, step: string): boolean {
    const id = hashStepId(step);
    return this.entries
      .slice(this.entries.indexOf(entry) + 1)
      .some(
        (later) =>
          (later.kind === "call" && later.stack.includes(id)) ||
          (later.kind === "checkpoint" && later.steps.includes(id)),
      );
  }

  #all<K extends Kind>(kind: K): EntryOf<K>[] {
    return this.entries.filter((entry): entry is EntryOf<K> => entry.kind === kind);
  }
}
