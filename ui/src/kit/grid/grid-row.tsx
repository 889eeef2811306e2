/** A row of a grid. It is drawn again only when something of it has changed: clicks on it are heard by the grid. */
import clsx from "clsx";
import { memo } from "react";
import type { Column } from "./columns";

interface Props<T> {
  /** The start of the ids of its elements. */
  domId: string;
  row: T;
  index: number;
  top: number;
  height: number;
  columns: readonly Column<T>[];
  tracks: string;
  isNarrow: boolean;
  /** The cell that one is in, -1 for the row as a whole; nothing if one is elsewhere. */
  active: number | undefined;
  isOpenable: boolean;
  /** Nothing if rows can't be selected. */
  isSelected: boolean | undefined;
}

/** It is pressed by its cell, and the grid keeps the focus. */
export function Checkbox({
  label,
  isChecked,
  areSome,
}: {
  label: string;
  isChecked: boolean;
  areSome?: boolean;
}) {
  return (
    <input
      type="checkbox"
      readOnly
      tabIndex={-1}
      aria-label={label}
      className="pointer-events-none size-3.5 accent-accent"
      checked={isChecked}
      ref={(box) => {
        if (box) box.indeterminate = areSome === true && !isChecked;
      }}
    />
  );
}

export const CELL = "min-w-0 h-full content-center truncate px-3";
export const NARROW_CELL = "min-w-0 h-full content-center truncate px-2";

function Row<T>(props: Props<T>) {
  const { domId, row, index, columns, isNarrow, active, isSelected } = props;
  const at = (cell: number) => ({ id: `${domId}-${cell}`, "data-active": active === cell ? "" : undefined });
  return (
    <div
      role="row"
      id={domId}
      aria-rowindex={index + 2}
      aria-selected={isSelected}
      data-active={active === -1 ? "" : undefined}
      style={{
        height: props.height,
        gridTemplateColumns: props.tracks,
        transform: `translateY(${props.top}px)`,
      }}
      className={clsx(
        "absolute inset-x-0 top-0 grid items-center border-b border-line hover:bg-sunken/60",
        "-outline-offset-2 outline-accent group-focus-visible/grid:data-active:outline-2",
        props.isOpenable && "cursor-pointer",
        isSelected ? "bg-accent-soft" : active !== undefined && "group-focus-within/grid:bg-accent-soft/60",
      )}
    >
      {isSelected !== undefined && (
        <div role="gridcell" data-check className="flex h-full cursor-pointer items-center justify-center">
          <Checkbox label="Select the row" isChecked={isSelected} />
        </div>
      )}
      {columns.map((column, cell) => (
        <div
          key={column.id}
          role="gridcell"
          {...at(cell)}
          className={clsx(
            isNarrow ? NARROW_CELL : CELL,
            "-outline-offset-2 outline-accent group-focus-visible/grid:data-active:outline-2",
            column.isNumber && "text-right",
            column.className,
          )}
        >
          {column.cell(row, isNarrow)}
        </div>
      ))}
    </div>
  );
}

export const GridRow = memo(Row) as typeof Row;
