/** The heads of the columns of a grid: they stay in sight. */
import clsx from "clsx";
import type { Column } from "./columns";
import { CELL, Checkbox, NARROW_CELL } from "./grid-row";
import { areAllOf, loaded, NOTHING, type Selection } from "./selection";

export const HEAD_HEIGHT = 32;

interface Props<T extends { id: string }> {
  columns: readonly Column<T>[];
  tracks: string;
  isNarrow: boolean;
  rows: readonly T[];
  selection: Selection;
  onSelect: ((selection: Selection) => void) | undefined;
}

export function GridHead<T extends { id: string }>({
  columns,
  tracks,
  isNarrow,
  rows,
  selection,
  onSelect,
}: Props<T>) {
  const areAll = areAllOf(selection, rows);
  return (
    <div role="rowgroup" className="sticky top-0 z-10">
      <div
        role="row"
        aria-rowindex={1}
        className="grid items-center border-b border-line bg-surface text-xs font-medium text-ink-soft"
        style={{ height: HEAD_HEIGHT, gridTemplateColumns: tracks }}
      >
        {onSelect && (
          <div
            role="columnheader"
            className="flex h-full cursor-pointer items-center justify-center"
            onMouseDown={(event) => event.preventDefault()}
            onClick={() => onSelect(areAll ? NOTHING : loaded(rows))}
          >
            <Checkbox
              label="Select the rows that are loaded"
              isChecked={areAll}
              areSome={selection.ids.size > 0}
            />
          </div>
        )}
        {columns.map((column) => (
          <div
            key={column.id}
            role="columnheader"
            className={clsx(isNarrow ? NARROW_CELL : CELL, column.isNumber && "text-right")}
          >
            {column.head ?? column.title}
          </div>
        ))}
      </div>
    </div>
  );
}
