/**
 * Long lists: rows of cells in columns of fixed widths, of which only those in view are in the page.
 *
 * It is one stop for Tab. Keys move in it, select, and open; see `use-grid-keys`. Where one is stays with the row as
 * rows come and go.
 */
import { useVirtualizer, type Range } from "@tanstack/react-virtual";
import clsx from "clsx";
import { useEffect, useEffectEvent, useId, useMemo, useState, type ReactNode } from "react";
import type { Address } from "../../url/paths";
import { Button } from "../button";
import { useWidth } from "../use-width";
import { ColumnPicker } from "./column-picker";
import { NARROW_PX, template, useChoices, visibleColumns, type Column } from "./columns";
import { GridHead, HEAD_HEIGHT } from "./grid-head";
import { GridRow } from "./grid-row";
import { NOTHING, type Selection } from "./selection";
import { useGridActions } from "./use-grid-actions";

export interface GridProps<T extends { id: string }> {
  /** Under which the browser keeps what was chosen of it. */
  name: string;
  label: string;
  columns: readonly Column<T>[];
  rows: readonly T[];
  rowHeight?: number;
  /** What a row opens. */
  link?: (row: T) => Address;
  /** The row that is being looked at beside the grid: it goes along with the one that one is on. */
  peeked?: string | undefined;
  /** With nothing, the look is over. */
  onPeek?: (row: T | undefined) => void;
  selection?: Selection;
  /** Without it rows can't be selected. */
  onSelect?: ((selection: Selection) => void) | undefined;
  /** Whether also the rows that are not loaded can be selected. */
  canSelectEverything?: boolean;
  /** More rows are wanted; nothing if there are none, or they are on their way. */
  onEndReached?: (() => void) | undefined;
  hasMore?: boolean;
  /** Rows that are there, and are not shown yet. */
  unseen?: number;
  onShowNew?: () => void;
  /** Whether new rows may be shown at once: nobody is looking at one that would move. */
  onFollowing?: (isFollowing: boolean) => void;
  /** Below the last row. */
  end?: ReactNode;
}

const ROW_HEIGHT = 32;
/** More rows are asked for when so many are left. */
const AHEAD = 20;
/** So far from the top is at the top. */
const AT_TOP_PX = 8;

export function Grid<T extends { id: string }>(props: GridProps<T>) {
  const { name, label, columns, rows, rowHeight = ROW_HEIGHT, link, onSelect, selection = NOTHING } = props;
  const { unseen = 0, onEndReached, hasMore = false } = props;
  const [area, width] = useWidth<HTMLDivElement>();
  const [choices, choose] = useChoices(name);
  const visible = useMemo(() => visibleColumns(columns, choices, width), [columns, choices, width]);
  const isSelectable = onSelect !== undefined;
  const tracks = template(visible, width, isSelectable);
  const isNarrow = width < NARROW_PX;
  const hasPicker = !isNarrow && columns.some((column) => column.choice !== undefined);
  const gridId = useId();
  const actions = useGridActions({ ...props, gridId, area, cells: visible.length, scrollTo });
  const { active } = actions;
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => area.current,
    getItemKey: (index) => rows[index]?.id ?? index,
    estimateSize: () => rowHeight,
    rangeExtractor: (range) => withRow(range, active?.row),
    overscan: 10,
    scrollMargin: HEAD_HEIGHT,
    scrollPaddingStart: HEAD_HEIGHT,
  });
  function scrollTo(row: number) {
    virtual.scrollToIndex(row);
  }
  const items = virtual.getVirtualItems();

  const last = virtual.range?.endIndex ?? 0;
  const isEndNear = onEndReached !== undefined && last >= rows.length - AHEAD;
  const reachEnd = useEffectEvent(() => onEndReached?.());
  useEffect(() => {
    if (isEndNear) reachEnd();
  }, [isEndNear, rows.length]);

  const [isAtTop, setAtTop] = useState(true);
  const [isFocused, setFocused] = useState(false);
  const follow = useEffectEvent((isFollowing: boolean) => props.onFollowing?.(isFollowing));
  useEffect(() => follow(isAtTop && !isFocused), [isAtTop, isFocused]);

  const activeRow = active && rows[active.row];
  const idOf = (row: T) => `${gridId}-${row.id}`;
  return (
    <div className="relative flex min-h-0 flex-1 flex-col">
      {hasPicker && <ColumnPicker columns={columns} choices={choices} width={width} onChoose={choose} />}
      {unseen > 0 && (
        <Button
          look="primary"
          keys="n"
          hint="Show them"
          className="!absolute top-10 left-1/2 z-20 -translate-x-1/2 !rounded-full shadow-panel"
          onClick={actions.showNew}
        >
          {unseen.toLocaleString("en-US")} new
        </Button>
      )}
      <div
        ref={area}
        data-scroll-restoration-id={`grid-${name}`}
        onScroll={({ currentTarget }) => setAtTop(currentTarget.scrollTop < AT_TOP_PX)}
        className="min-h-0 flex-1 overflow-x-hidden overflow-y-auto"
      >
        <div
          id={gridId}
          role="grid"
          tabIndex={0}
          aria-label={label}
          aria-rowcount={hasMore ? -1 : rows.length + 1}
          aria-multiselectable={isSelectable || undefined}
          aria-activedescendant={
            activeRow && (active.cell < 0 ? idOf(activeRow) : `${idOf(activeRow)}-${active.cell}`)
          }
          onFocus={() => {
            setFocused(true);
            actions.enter();
          }}
          onBlur={() => setFocused(false)}
          className={clsx("group/grid outline-none", hasPicker && "[&_[role=row]]:pr-8")}
        >
          <GridHead
            columns={visible}
            tracks={tracks}
            isNarrow={isNarrow}
            rows={rows}
            selection={selection}
            onSelect={onSelect}
          />
          <div
            role="rowgroup"
            className="relative"
            style={{ height: virtual.getTotalSize() }}
            onMouseDown={actions.pressDown}
            onClick={actions.press}
            onAuxClick={actions.press}
          >
            {items.map((item) => {
              const row = rows[item.index];
              return row ? (
                <GridRow
                  key={row.id}
                  domId={idOf(row)}
                  row={row}
                  index={item.index}
                  top={item.start - HEAD_HEIGHT}
                  height={rowHeight}
                  columns={visible}
                  tracks={tracks}
                  isNarrow={isNarrow}
                  active={active?.row === item.index ? active.cell : undefined}
                  isOpenable={link !== undefined}
                  isSelected={isSelectable ? selection.ids.has(row.id) : undefined}
                />
              ) : null;
            })}
          </div>
        </div>
        {props.end}
      </div>
    </div>
  );
}

/** The rows in view, and the one that one is in: what has the focus is always in the page. */
function withRow({ startIndex, endIndex, overscan, count }: Range, row: number | undefined): number[] {
  const from = Math.max(0, startIndex - overscan);
  const to = Math.min(count - 1, endIndex + overscan);
  const indexes = Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => from + i);
  if (row !== undefined && row < from) indexes.unshift(row);
  if (row !== undefined && row > to && row < count) indexes.push(row);
  return indexes;
}
