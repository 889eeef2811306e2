/** Which rows of a grid are selected: some that are loaded, or everything that the list would show. */

export interface Selection {
  ids: ReadonlySet<string>;
  /** Also the rows that are not loaded. */
  isEverything: boolean;
}

export const NOTHING: Selection = { ids: new Set(), isEverything: false };

export function toggle({ ids }: Selection, id: string): Selection {
  const next = new Set(ids);
  if (!next.delete(id)) next.add(id);
  return { ids: next, isEverything: false };
}

/** All rows between two, these included, besides those that were selected. */
export function extend(
  { ids }: Selection,
  rows: readonly { id: string }[],
  from: number,
  to: number,
): Selection {
  const between = rows.slice(Math.min(from, to), Math.max(from, to) + 1);
  return { ids: new Set([...ids, ...between.map((row) => row.id)]), isEverything: false };
}

export function loaded(rows: readonly { id: string }[]): Selection {
  return { ids: new Set(rows.map((row) => row.id)), isEverything: false };
}

export function areAllOf({ ids }: Selection, rows: readonly { id: string }[]): boolean {
  return rows.length > 0 && rows.every((row) => ids.has(row.id));
}

/** First what is loaded, and once that is selected, everything. */
export function more(
  selection: Selection,
  rows: readonly { id: string }[],
  canBeEverything: boolean,
): Selection {
  return { ...loaded(rows), isEverything: canBeEverything && areAllOf(selection, rows) };
}
