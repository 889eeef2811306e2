/** Where one is in a grid: a row, and within it a cell, or the row as a whole. */

export interface Position {
  row: number;
  /** -1: the row as a whole. */
  cell: number;
}

export interface Size {
  rows: number;
  cells: number;
  /** Rows that are in view. */
  page: number;
}

/** Where a key leads; nothing if it does not move. Up and down stay in the same cell. */
export function moved({ row, cell }: Position, key: string, size: Size): Position | undefined {
  const last = size.rows - 1;
  const to = (next: number): Position => ({ row: Math.max(0, Math.min(next, last)), cell });
  switch (key) {
    case "ArrowDown":
    case "j":
      return to(row + 1);
    case "ArrowUp":
    case "k":
      return to(row - 1);
    case "PageDown":
      return to(row + Math.max(1, size.page - 1));
    case "PageUp":
      return to(row - Math.max(1, size.page - 1));
    case "Home":
      return to(0);
    case "End":
      return to(last);
    case "ArrowRight":
      return { row: Math.max(0, row), cell: Math.min(cell + 1, size.cells - 1) };
    case "ArrowLeft":
      return { row: Math.max(0, row), cell: Math.max(cell - 1, -1) };
    default:
      return undefined;
  }
}
