/** The rows of the tree: what is shown of it, in order. */
import type { Span } from "../api/types";

export interface Row {
  span: Span;
  /** 0 is the run. */
  depth: number;
  /** Index of the row of its parent; -1 of the run. */
  parent: number;
  /** Among its siblings, from 1. */
  position: number;
  siblings: number;
  isExpandable: boolean;
  isExpanded: boolean;
}

/** Down to which depth rows are expanded, but for those that were toggled. */
export interface Expansion {
  depth: number;
  toggled: ReadonlySet<string>;
}

/** The run with its steps. */
export const FIRST_EXPANSION: Expansion = { depth: 1, toggled: new Set() };

export function rowsOf(root: Span, expansion: Expansion): Row[] {
  const rows: Row[] = [];
  const add = (span: Span, depth: number, parent: number, position: number, siblings: number) => {
    const children = span.children ?? [];
    const isExpandable = children.length > 0;
    const isExpanded = isExpandable && depth < expansion.depth !== expansion.toggled.has(span.id);
    const index = rows.length;
    rows.push({ span, depth, parent, position, siblings, isExpandable, isExpanded });
    if (!isExpanded) return;
    children.forEach((child, i) => add(child, depth + 1, index, i + 1, children.length));
  };
  add(root, 0, -1, 1, 1);
  return rows;
}

export function toggle(expansion: Expansion, id: string): Expansion {
  const toggled = new Set(expansion.toggled);
  if (!toggled.delete(id)) toggled.add(id);
  return { ...expansion, toggled };
}

/** A span with those that it is in, from the run on; nothing if there is no such span. */
export function pathTo(root: Span, id: string): Span[] | undefined {
  if (root.id === id) return [root];
  for (const child of root.children ?? []) {
    const path = pathTo(child, id);
    if (path) return [root, ...path];
  }
  return undefined;
}

/** With all expanded that a span is in. */
export function reveal(root: Span, expansion: Expansion, id: string): Expansion {
  const around = (pathTo(root, id) ?? []).slice(0, -1);
  return around.reduce(
    (result, span, depth) =>
      depth < result.depth !== result.toggled.has(span.id) ? result : toggle(result, span.id),
    expansion,
  );
}

/** The next row with a failure in a direction, going round; -1 if there is none. */
export function nextFailure(rows: readonly Row[], from: number, direction: 1 | -1): number {
  for (let distance = 1; distance <= rows.length; distance += 1) {
    const index = (from + direction * distance + rows.length * 2) % rows.length;
    const row = rows[index];
    if (row && row.depth > 0 && (row.span.status === "FAILED" || row.span.error !== undefined)) return index;
  }
  return -1;
}

/** `Attempt 0` of the API is the first for people. */
export function nameOf(span: Span): string {
  const attempt = /^Attempt (\d+)$/.exec(span.name);
  return attempt && span.stepOp === undefined ? `Attempt ${Number(attempt[1]) + 1}` : span.name;
}
