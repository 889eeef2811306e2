/** What became of an event, function by function: whether its trigger held, and what came of that. */
import type { EventExplanation, Function, Trigger } from "../../api/types";

/** What the condition of a function's trigger said of the event. */
export type Verdict = "unconditional" | "true" | "false" | "error" | "unknown";

export interface Evaluation {
  slug: string;
  /** As it is registered now; nothing if it is no more. */
  fn: Function | undefined;
  verdict: Verdict;
  /** The conditions of the triggers that the event could pull. */
  conditions: readonly string[];
  runs: readonly { runId: string; status: string }[];
  skip: { reason: string; detail?: string | null } | undefined;
  text: string;
}

export function evaluations(explanation: EventExplanation, functions: readonly Function[]): Evaluation[] {
  const bySlug = new Map(functions.map((fn) => [fn.slug, fn]));
  return (explanation.functions ?? []).map((outcome) => {
    const fn = bySlug.get(outcome.function);
    const triggers = (fn?.triggers ?? []).filter((trigger) => pulls(trigger, explanation.name));
    const conditions = triggers.flatMap((trigger) => (trigger.if ? [trigger.if] : []));
    const skip = outcome.skip ?? undefined;
    const runs = outcome.runs ?? [];
    return {
      slug: outcome.function,
      fn,
      verdict: verdict(skip, runs.length, triggers, conditions),
      conditions: recorded(skip) ?? conditions,
      runs,
      skip,
      text: outcome.text,
    };
  });
}

function verdict(
  skip: Evaluation["skip"],
  runs: number,
  triggers: readonly Trigger[],
  conditions: readonly string[],
): Verdict {
  // An event that was held back has a skip, and later a run.
  if (runs === 0 && skip?.reason === "expression_false") return "false";
  if (runs === 0 && skip?.reason === "expression_error") return "error";
  if (runs === 0 && !skip) return "unknown";
  return triggers.length > conditions.length || conditions.length === 0 ? "unconditional" : "true";
}

/** The condition as it was then: it may have been changed since. */
function recorded(skip: Evaluation["skip"]): string[] | undefined {
  return skip?.reason === "expression_false" && skip.detail ? [skip.detail] : undefined;
}

/** Whether a trigger is for events of the name: `shop/*` is for all that begin so. */
export function pulls(trigger: Trigger, name: string): boolean {
  if (trigger.type !== "EVENT") return false;
  const pattern = trigger.value;
  if (!/[/.]\*$/.test(pattern)) return pattern === name;
  return name.startsWith(pattern.slice(0, -1));
}
