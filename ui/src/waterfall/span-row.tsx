/** A row of the waterfall: a step, an attempt, or what user code traced, with the bar of it. */
import clsx from "clsx";
import { ChevronLeft, ChevronRight } from "lucide-react";
import type { Span } from "../api/types";
import { LOOKS, StatusIcon } from "../kit/status";
import { duration } from "../time/format";
import { COLUMNS } from "./columns";
import { extentOf, segmentsOf, tookOf, type Segment } from "./intervals";
import type { Layout } from "./layout";
import { segmentLook, SEGMENT_WORDS } from "./looks";
import { nameOf, type Row } from "./rows";

export const ROW_HEIGHT = 28;

const OPS: Record<string, string> = {
  RUN: "run",
  SLEEP: "sleep",
  WAIT_FOR_EVENT: "wait for event",
  WAIT_FOR_SIGNAL: "wait for signal",
  INVOKE: "invoke",
  AI_GATEWAY: "AI",
  FINALIZATION: "",
};

interface Props {
  id: string;
  row: Row;
  top: number;
  layout: Layout;
  isSelected: boolean;
  isCurrent: boolean;
  isDimmed: boolean;
  onSelect: (id: string) => void;
  onToggle: (id: string) => void;
}

export function SpanRow({
  id,
  row,
  top,
  layout,
  isSelected,
  isCurrent,
  isDimmed,
  onSelect,
  onToggle,
}: Props) {
  const { span, depth } = row;
  const { from, to } = extentOf(span, layout.now);
  const segments = depth === 0 ? [] : segmentsOf(span, layout.now);
  const ms = tookOf(span, layout.now);
  const took = ms === undefined ? "–" : duration(ms);
  const name = nameOf(span);
  const kind = kindWords(span);
  return (
    <div
      id={id}
      role="treeitem"
      aria-level={depth + 1}
      aria-posinset={row.position}
      aria-setsize={row.siblings}
      aria-selected={isSelected}
      {...(row.isExpandable ? { "aria-expanded": row.isExpanded } : {})}
      onClick={() => onSelect(span.id)}
      className={clsx(
        COLUMNS,
        "absolute inset-x-0 cursor-default items-center border-b border-line/60",
        isSelected ? "bg-accent-soft" : "hover:bg-sunken",
        isCurrent && "group-focus-visible:shadow-[inset_2px_0_0_var(--accent)]",
      )}
      style={{ transform: `translateY(${top}px)`, height: ROW_HEIGHT }}
    >
      <div
        className={clsx("flex min-w-0 items-center gap-1.5 pr-2", isDimmed && "opacity-40")}
        style={{ paddingLeft: 6 + depth * 14 }}
      >
        <span
          aria-hidden
          className={clsx("-m-1 p-1", !row.isExpandable && "invisible")}
          onClick={(event) => {
            event.stopPropagation();
            onToggle(span.id);
          }}
        >
          <ChevronRight className={clsx("size-3.5 text-ink-faint", row.isExpanded && "rotate-90")} />
        </span>
        <StatusIcon status={span.status} />
        <span className={clsx("truncate", depth === 0 && "font-medium")} title={name}>
          {name}
        </span>
        <span className="sr-only">, {LOOKS[span.status].word},</span>
        {kind !== "" && (
          <span
            className={clsx(
              "hidden truncate text-xs md:block",
              isSelected ? "text-ink-soft" : "text-ink-faint",
            )}
          >
            {kind}
          </span>
        )}
      </div>
      <span className={clsx("hidden pr-3 text-right text-ink-soft sm:block", isDimmed && "opacity-40")}>
        {took}
      </span>
      <div
        className={clsx("relative mr-3 h-full overflow-hidden", isDimmed && "opacity-25")}
        title={bySegments(segments) || took}
      >
        {layout.scale.pieces
          .filter((piece) => piece.isCollapsed)
          .map((piece) => (
            <span
              key={piece.from}
              aria-hidden
              className="absolute inset-y-0 border-x border-dashed border-line bg-sunken/60"
              style={{ left: `${piece.x0 * 100}%`, width: `${(piece.x1 - piece.x0) * 100}%` }}
            />
          ))}
        {depth === 0 ? (
          <Bar layout={layout} from={from} to={to} className={clsx("h-1", LOOKS[span.status].bar)} />
        ) : (
          segments.map((segment, i) => (
            <Bar
              key={i}
              layout={layout}
              from={segment.from}
              to={segment.to}
              className={segmentLook(segment, span.status)}
            />
          ))
        )}
        <Beyond x0={layout.scale.x(from)} x1={layout.scale.x(to)} />
      </div>
    </div>
  );
}

function Bar({
  layout,
  from,
  to,
  className,
}: {
  layout: Layout;
  from: number;
  to: number;
  className: string;
}) {
  const x0 = layout.scale.x(from);
  const x1 = layout.scale.x(to);
  if (x1 < 0 || x0 > 1) return null;
  // A bar far outside of the window is cut, as browsers don't like such widths.
  const left = Math.max(-0.1, x0);
  const width = Math.min(1.1, x1) - left;
  return (
    <span
      className={clsx("absolute top-1/2 min-w-0.5 -translate-y-1/2 rounded-[2px]", className)}
      style={{ left: `min(${left * 100}%, 100% - 2px)`, width: `${width * 100}%` }}
    />
  );
}

/** In which direction a bar is that the window does not show. */
function Beyond({ x0, x1 }: { x0: number; x1: number }) {
  if (x1 >= 0 && x0 <= 1) return null;
  const Icon = x1 < 0 ? ChevronLeft : ChevronRight;
  return (
    <Icon
      aria-hidden
      className={clsx(
        "absolute top-1/2 size-3 -translate-y-1/2 text-line-strong",
        x1 < 0 ? "left-0" : "right-0",
      )}
    />
  );
}

function kindWords(span: Span): string {
  const attempts = (span.attempts ?? 0) + 1;
  const op = OPS[span.stepType ?? ""] ?? span.stepType?.replace(/^step\./, "") ?? "";
  const words = op === "run" ? "" : op;
  return attempts > 1 ? `${words} ×${attempts}`.trim() : words;
}

function bySegments(segments: readonly Segment[]): string {
  return segments.map(({ kind, from, to }) => `${SEGMENT_WORDS[kind]} ${duration(to - from)}`).join(" · ");
}
