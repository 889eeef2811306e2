/**
 * The critical path: the steps without which the run would have ended earlier. It is found from the end: what ended last
 * is on it, and then what ended last before that began.
 */
import type { Span } from "../api/types";
import { extentOf } from "./intervals";

/** Steps that follow each other may overlap by so much, as times have milliseconds. */
const OVERLAP_MS = 1;

/** Ids of the spans on it, with what is within them. */
export function criticalPath(root: Span, now: number): Set<string> {
  const steps = (root.children ?? []).map((span) => ({ span, ...extentOf(span, now) }));
  steps.sort((a, b) => b.to - a.to || b.from - a.from);
  const ids = new Set<string>([root.id]);
  let before = Number.POSITIVE_INFINITY;
  for (const { span, from, to } of steps) {
    if (to > before + OVERLAP_MS) continue;
    addAll(ids, span);
    before = Math.min(before, from);
  }
  return ids;
}

function addAll(ids: Set<string>, span: Span): void {
  ids.add(span.id);
  for (const child of span.children ?? []) addAll(ids, child);
}
