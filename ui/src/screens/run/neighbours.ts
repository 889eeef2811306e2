/** The run beside another in the list from which it was opened. */

export function neighbour<T extends { id: string }>(
  lists: readonly T[][],
  id: string,
  by: 1 | -1,
): T | undefined {
  for (const list of lists) {
    const index = list.findIndex((row) => row.id === id);
    if (index >= 0) return list[index + by];
  }
  return undefined;
}
