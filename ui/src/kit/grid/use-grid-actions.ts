/** Where one is in a grid, and what its keys and clicks do. */
import { useRef, useState, type MouseEvent, type RefObject } from "react";
import { useGo } from "../../url/navigation";
import { href } from "../../url/paths";
import type { GridProps } from "./grid";
import { moved, type Position } from "./position";
import { extend, more, NOTHING, toggle, type Selection } from "./selection";
import { useGridKeys } from "./use-grid-keys";

interface Options<T extends { id: string }> extends GridProps<T> {
  gridId: string;
  area: RefObject<HTMLElement | null>;
  cells: number;
  scrollTo: (row: number) => void;
}

interface Place extends Position {
  id: string;
}

const OUTSIDE: Position = { row: -1, cell: -1 };
/** Clicks on these are theirs. */
const PRESSABLE = "a, button, input";
/** The cell of the checkbox of a row. */
const CHECK = "[data-check]";

export function useGridActions<T extends { id: string }>(options: Options<T>) {
  const { gridId, area, rows, selection = NOTHING, onSelect, link, peeked, onPeek } = options;
  const go = useGo();
  const [place, setPlace] = useState<Place>();
  /** A range that is being selected: where it began, and what had been selected before. */
  const range = useRef<{ from: number; before: Selection }>(undefined);
  const active = positionOf(place, rows);

  const to = (position: Position) => {
    const row = rows[position.row];
    if (row) setPlace({ ...position, id: row.id });
  };
  const focus = () => document.getElementById(gridId)?.focus({ preventScroll: true });

  const select = (from: number, until: number) => {
    range.current ??= { from, before: selection };
    onSelect?.(extend(range.current.before, rows, range.current.from, until));
  };

  const move = (key: string, isRange: boolean) => {
    const size = { rows: rows.length, cells: options.cells, page: pageOf(area.current, options.rowHeight) };
    const next = rows.length === 0 ? undefined : moved(active ?? OUTSIDE, key, size);
    if (!next) return false;
    to(next);
    options.scrollTo(next.row);
    if (peeked !== undefined) onPeek?.(rows[next.row]);
    if (isRange) select(active?.row ?? next.row, next.row);
    else range.current = undefined;
    focus();
    return undefined;
  };

  const openRow = (row: T | undefined, isNewTab: boolean) => {
    if (!row || !link) return false;
    if (isNewTab) window.open(href(link(row)), "_blank", "noopener");
    else void go(link(row));
    return undefined;
  };

  /** In a cell, what is in it; else the row. */
  const open = (isNewTab: boolean) => {
    const row = active && rows[active.row];
    const cell = row && document.getElementById(`${gridId}-${row.id}-${active.cell}`);
    const inner = cell?.querySelector<HTMLElement>("a, button");
    if (!inner) return openRow(row, isNewTab);
    if (isNewTab && inner instanceof HTMLAnchorElement) window.open(inner.href, "_blank", "noopener");
    else inner.click();
    return undefined;
  };

  const check = (index: number, isRange: boolean) => {
    const row = rows[index];
    if (!row || !onSelect) return;
    if (isRange) select(active?.row ?? index, index);
    else {
      range.current = undefined;
      onSelect(toggle(selection, row.id));
    }
    to({ row: index, cell: -1 });
    focus();
  };

  /** What is pressed in a row keeps its own keys and clicks; checkboxes leave the focus where it is. */
  const pressDown = (event: MouseEvent) => {
    const target = targetOf(event);
    const index = indexOf(target);
    if (index !== undefined && !target?.closest(CHECK)) to({ row: index, cell: -1 });
    if (target?.closest(CHECK) || event.button === 1) event.preventDefault();
  };

  const press = (event: MouseEvent) => {
    const target = targetOf(event);
    const index = indexOf(target);
    if (!target || index === undefined || event.button > 1) return;
    if (target.closest(CHECK)) return check(index, event.shiftKey);
    const isMarking = document.getSelection()?.isCollapsed === false;
    if (target.closest(PRESSABLE) || isMarking) return;
    focus();
    openRow(rows[index], event.ctrlKey || event.metaKey || event.button === 1);
  };

  const showNew = () => {
    area.current?.scrollTo({ top: 0 });
    options.onShowNew?.();
  };

  const peek = () => {
    const row = active && rows[active.row];
    if (!row) return false;
    onPeek?.(row.id === peeked ? undefined : row);
    return undefined;
  };

  const clear = () => {
    if (selection.ids.size > 0) onSelect?.(NOTHING);
    else if (peeked !== undefined) onPeek?.(undefined);
    else return false;
    return undefined;
  };

  useGridKeys(options.label, gridId, {
    move,
    open,
    check: onSelect && (() => (active ? check(active.row, false) : false)),
    checkMore: () => onSelect?.(more(selection, rows, options.canSelectEverything ?? false)),
    clear,
    peek: onPeek && peek,
    showNew: (options.unseen ?? 0) > 0 ? showNew : undefined,
  });

  /** Where one was, else at the first row. */
  const enter = () => setPlace((now) => now ?? (rows[0] && { row: 0, cell: -1, id: rows[0].id }));

  return { active, press, pressDown, showNew, enter };
}

function targetOf(event: MouseEvent): Element | undefined {
  return event.target instanceof Element ? event.target : undefined;
}

/** The index of the row that an element is in. */
function indexOf(element: Element | undefined): number | undefined {
  const row = element?.closest("[aria-rowindex]");
  return row ? Number(row.getAttribute("aria-rowindex")) - 2 : undefined;
}

/** One stays with a row that moves, and at its place if it is gone. */
function positionOf<T extends { id: string }>(
  place: Place | undefined,
  rows: readonly T[],
): Position | undefined {
  if (!place || rows.length === 0) return undefined;
  if (rows[place.row]?.id === place.id) return place;
  const row = rows.findIndex(({ id }) => id === place.id);
  return { row: row >= 0 ? row : Math.min(place.row, rows.length - 1), cell: place.cell };
}

function pageOf(area: HTMLElement | null, rowHeight = 32): number {
  return Math.floor((area?.clientHeight ?? 0) / rowHeight) - 1;
}
