/** Two runs beside each other: their steps aligned by id, and what differs of each. */
import type { Span } from "../../api/types";

export type Difference = "missing" | "added" | "status" | "input" | "output" | "error" | "order";

export interface Pair {
  id: string;
  name: string;
  left: Span | undefined;
  right: Span | undefined;
  differences: Difference[];
}

/** Steps of both, in the order of the left; those that only the right has stand after what they followed there. */
export function align(left: Span, right: Span): Pair[] {
  const [a, b] = [steps(left), steps(right)];
  const inB = new Map(b.map((span) => [key(span), span]));
  const inA = new Set(a.map(key));
  const pairs = a.map((span) => pair(span, inB.get(key(span))));
  b.forEach((span, i) => {
    if (inA.has(key(span))) return;
    const before = b[i - 1];
    const place = before ? pairs.findIndex((it) => it.id === key(before)) + 1 : 0;
    pairs.splice(place, 0, pair(undefined, span));
  });
  const moved = movedKeys(a.map(key), b.map(key));
  for (const it of pairs) if (moved.has(it.id)) it.differences.push("order");
  return pairs;
}

function steps(root: Span): Span[] {
  return (root.children ?? []).filter((span) => span.stepId !== undefined);
}

function key(span: Span): string {
  return span.stepId ?? span.id;
}

function pair(left: Span | undefined, right: Span | undefined): Pair {
  const either = left ?? right;
  const base = { id: either ? key(either) : "", name: either?.name ?? "", left, right };
  if (!left) return { ...base, differences: ["added"] };
  if (!right) return { ...base, differences: ["missing"] };
  const differences: Difference[] = [];
  if (left.status !== right.status) differences.push("status");
  if (!same(left.input, right.input)) differences.push("input");
  if (!same(left.output, right.output)) differences.push("output");
  if (left.error?.message !== right.error?.message) differences.push("error");
  return { ...base, differences };
}

/** Steps of both that come in another order: those that are not in the longest part that both have in the same order. */
function movedKeys(a: readonly string[], b: readonly string[]): Set<string> {
  const places = new Map(b.map((id, i) => [id, i]));
  const common = a.filter((id) => places.has(id));
  const kept = new Set(longestRise(common.map((id) => places.get(id) ?? 0)).map((i) => common[i]));
  return new Set(common.filter((id) => !kept.has(id)));
}

/** Indexes of a longest rising subsequence. */
function longestRise(numbers: readonly number[]): number[] {
  // For each length the index at which the smallest end of such a subsequence is.
  const ends: number[] = [];
  const before: number[] = [];
  numbers.forEach((number, i) => {
    let [low, high] = [0, ends.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((numbers[ends[middle] ?? 0] ?? 0) < number) low = middle + 1;
      else high = middle;
    }
    before[i] = ends[low - 1] ?? -1;
    ends[low] = i;
  });
  const rise: number[] = [];
  for (let i = ends.at(-1) ?? -1; i >= 0; i = before[i] ?? -1) rise.unshift(i);
  return rise;
}

/** Whether two JSON values say the same, whatever the order of members. */
export function same(a: unknown, b: unknown): boolean {
  return sorted(a) === sorted(b);
}

/** As text that differs only where the value does: members in the order of their names. */
export function sorted(value: unknown): string {
  const order = (_: string, it: unknown): unknown =>
    typeof it === "object" && it !== null && !Array.isArray(it)
      ? Object.fromEntries(Object.entries(it).sort(([a], [b]) => (a < b ? -1 : 1)))
      : it;
  return JSON.stringify(value, order, 2) ?? "";
}
