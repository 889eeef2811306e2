/**
 * The steps of a run as a tree with a bar for each on a common time axis. Only the rows in view are in the page.
 *
 * It is one stop for Tab: arrow keys move in it, and what one is on is what is selected.
 */
import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useEffectEvent, useId, useMemo, useRef, useState, type KeyboardEvent } from "react";
import type { Trace } from "../api/types";
import { useKeys } from "../keys/hooks";
import { Axis } from "./axis";
import { criticalPath } from "./critical";
import { extentOf } from "./intervals";
import { useLayout, type View } from "./layout";
import { Legend } from "./legend";
import { Minimap } from "./minimap";
import { SpanRow, ROW_HEIGHT } from "./span-row";
import { FIRST_EXPANSION, nextFailure, reveal, rowsOf, toggle, type Row } from "./rows";
import { Toolbar } from "./toolbar";
import { zoomBy } from "./scale";
import { useWidth } from "../kit/use-width";

const HEAD_HEIGHT = 28;
const DEPTHS = ["1", "2", "3", "4", "5", "6", "7", "8", "9"];

interface Props {
  trace: Trace;
  selected: string | undefined;
  onSelect: (id: string) => void;
  view: View;
  onView: (view: View) => void;
  /** All but the critical path is dimmed. */
  isCritical: boolean;
  onCritical: (isCritical: boolean) => void;
}

export function Waterfall({ trace, selected, onSelect, view, onView, isCritical, onCritical }: Props) {
  const root = trace.rootSpan;
  const [expansion, setExpansion] = useState(() =>
    selected ? reveal(root, FIRST_EXPANSION, selected) : FIRST_EXPANSION,
  );
  const rows = useMemo(() => rowsOf(root, expansion), [root, expansion]);
  const found = rows.findIndex((row) => row.span.id === selected);
  const index = Math.max(0, found);
  const layout = useLayout(trace, view);
  const critical = useMemo(
    () => (isCritical ? criticalPath(root, layout.now) : undefined),
    [isCritical, root, layout.now],
  );
  const area = useRef<HTMLDivElement>(null);
  const [bars, barsWidth] = useWidth<HTMLDivElement>();
  const treeId = useId();
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => area.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 6,
    scrollMargin: HEAD_HEIGHT,
    scrollPaddingStart: HEAD_HEIGHT,
  });
  const items = virtual.getVirtualItems();

  const show = useEffectEvent(() => {
    if (selected === undefined) return;
    // A link may lead to what is within a step that is closed.
    if (found < 0) setExpansion((before) => reveal(root, before, selected));
    else virtual.scrollToIndex(found);
  });
  useEffect(() => show(), [selected, found]);

  // Zooming goes to the first step of the part that is shown.
  const { window } = view;
  const follow = useEffectEvent(() => {
    const from = layout.extent.from + (window?.from ?? 0);
    const first = rows.findIndex(({ span, depth }) => depth > 0 && extentOf(span, layout.now).to >= from);
    if (window && first >= 0) virtual.scrollToIndex(first, { align: "start" });
  });
  useEffect(() => follow(), [window?.from, window?.to]);

  const go = (to: number) => {
    const row = rows[to];
    if (row) onSelect(row.span.id);
  };
  const zoomTo = (factor: number) => {
    const { extent, whole } = layout;
    const { from } = extent;
    const window = view.window && { from: from + view.window.from, to: from + view.window.to };
    const next = zoomBy(extent, whole, window, factor);
    onView({ ...view, window: next && { from: next.from - from, to: next.to - from } });
  };
  const toggleGaps = () => onView({ ...view, openGaps: view.openGaps === "all" ? [] : "all" });
  const expandTo = (depth: number) => setExpansion({ depth, toggled: new Set() });
  const fail = (direction: 1 | -1) => {
    const everything = { depth: Number.POSITIVE_INFINITY, toggled: new Set<string>() };
    const all = rowsOf(root, everything);
    const to = nextFailure(
      all,
      all.findIndex((row) => row.span.id === selected),
      direction,
    );
    const id = all[to]?.span.id;
    if (id === undefined) return;
    setExpansion((before) => reveal(root, before, id));
    onSelect(id);
  };

  useKeys("Run", [
    { keys: "j", does: "Next step", run: () => go(Math.min(index + 1, rows.length - 1)) },
    { keys: "k", does: "Previous step", run: () => go(Math.max(index - 1, 0)) },
    { keys: "e", does: "Expand all", run: () => expandTo(Number.POSITIVE_INFINITY) },
    { keys: "w", does: "Collapse all", run: () => expandTo(1) },
    ...DEPTHS.map((depth) => ({
      keys: depth,
      does: `Expand to depth ${depth}`,
      run: () => expandTo(Number(depth)),
    })),
    { keys: "n", does: "Next error", run: () => fail(1) },
    { keys: "shift+n", does: "Previous error", run: () => fail(-1) },
    { keys: "+", does: "Zoom in", run: () => zoomTo(0.5) },
    { keys: "-", does: "Zoom out", run: () => zoomTo(2) },
    { keys: "0", does: "Show the whole run", run: () => onView({ ...view, window: undefined }) },
    { keys: "i", does: "Show idle gaps in full", run: toggleGaps },
    { keys: "t", does: "Go to the run itself", run: () => go(0) },
    { keys: "p", does: "Go to what it is in", run: () => go(rows[index]?.parent ?? 0) },
  ]);

  const press = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const row = rows[index];
    const to = destination(
      event.key,
      index,
      rows,
      Math.floor((area.current?.clientHeight ?? 0) / ROW_HEIGHT) - 2,
    );
    if (to !== undefined) go(to);
    else if (row && isToggle(event.key, row)) setExpansion((before) => toggle(before, row.span.id));
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const idOf = (id: string) => `${treeId}${id}`;
  const isInPage = items.some((item) => item.index === index);

  return (
    <>
      <Toolbar
        hasGaps={layout.gaps.length > 0}
        areGapsOpen={view.openGaps === "all"}
        isCritical={isCritical}
        isZoomed={view.window !== undefined}
        onExpand={() => expandTo(Number.POSITIVE_INFINITY)}
        onCollapse={() => expandTo(1)}
        onGaps={toggleGaps}
        onCritical={() => onCritical(!isCritical)}
        onZoom={(factor) => (factor === 0 ? onView({ ...view, window: undefined }) : zoomTo(factor))}
      />
      <Minimap
        root={root}
        layout={layout}
        window={view.window}
        onWindow={(window) => onView({ ...view, window })}
      />
      <div ref={area} className="relative min-h-0 flex-1 overflow-x-hidden overflow-y-auto">
        <Axis
          ref={bars}
          width={barsWidth}
          height={HEAD_HEIGHT}
          layout={layout}
          onOpen={(gap) =>
            onView({ ...view, openGaps: view.openGaps === "all" ? "all" : [...view.openGaps, gap] })
          }
          onWindow={(window) => onView({ ...view, window })}
        />
        <div
          role="tree"
          aria-label="Steps"
          tabIndex={0}
          {...(isInPage ? { "aria-activedescendant": idOf(rows[index]?.span.id ?? "") } : {})}
          onKeyDown={press}
          className="group relative -outline-offset-2"
          style={{ height: virtual.getTotalSize() }}
        >
          {items.map((item) => {
            const row = rows[item.index];
            return row ? (
              <SpanRow
                key={row.span.id}
                id={idOf(row.span.id)}
                row={row}
                top={item.start - HEAD_HEIGHT}
                layout={layout}
                isSelected={item.index === found}
                isCurrent={item.index === index}
                isDimmed={critical !== undefined && !critical.has(row.span.id)}
                onSelect={onSelect}
                onToggle={(id) => setExpansion((before) => toggle(before, id))}
              />
            ) : null;
          })}
        </div>
      </div>
      <Legend />
    </>
  );
}

function isToggle(key: string, row: Row): boolean {
  if (!row.isExpandable) return false;
  return (
    key === "Enter" ||
    key === " " ||
    (key === "ArrowRight" && !row.isExpanded) ||
    (key === "ArrowLeft" && row.isExpanded)
  );
}

/** Where a key goes; nothing if it does not move. */
function destination(key: string, from: number, rows: readonly Row[], page: number): number | undefined {
  const row = rows[from];
  const last = rows.length - 1;
  switch (key) {
    case "ArrowDown":
      return Math.min(from + 1, last);
    case "ArrowUp":
      return Math.max(from - 1, 0);
    case "PageDown":
      return Math.min(from + page, last);
    case "PageUp":
      return Math.max(from - page, 0);
    case "Home":
      return 0;
    case "End":
      return last;
    case "ArrowRight":
      return row?.isExpanded ? from + 1 : undefined;
    case "ArrowLeft":
      return row && !row.isExpanded && row.parent >= 0 ? row.parent : undefined;
    default:
      return undefined;
  }
}
