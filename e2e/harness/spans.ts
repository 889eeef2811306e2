// When steps were executed, and how many of them at once.

import type { RunEvidence } from "./evidence.ts";

export interface Span {
  from: number;
  to: number;
}

/** The executions of a step that ended. */
export function spans(evidence: RunEvidence, step: string): Span[] {
  const starts = evidence.starts(step);
  return evidence.ends(step).map((to, i) => ({ from: starts[i]!, to }));
}

/** How many of these there were at the same time, at most. One that ends in the millisecond in which another begins is over by then. */
export function mostAtOnce(spans: readonly Span[]): number {
  return Math.max(0, ...spans.map(({ from }) => spans.filter((span) => span.from <= from && from < span.to).length));
}
