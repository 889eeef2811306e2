/** The time axis above the bars: marks, gaps that are collapsed, and a part of it to drag over. */
import { FoldHorizontal } from "lucide-react";
import type { Ref } from "react";
import { duration } from "../time/format";
import { COLUMNS } from "./columns";
import type { Interval } from "./intervals";
import { offset, type Layout } from "./layout";
import type { Piece } from "./scale";
import { ticks } from "./ticks";
import { useBrush } from "./use-brush";

/** Room for a mark. */
const MARK_WIDTH = 76;

/** A narrower gap can't be pressed: the button for all gaps can. */
const TARGET_WIDTH = 24;
/** Room for its length; there is a sign in a narrower one. */
const LENGTH_WIDTH = 48;

interface Props {
  ref: Ref<HTMLDivElement>;
  width: number;
  height: number;
  layout: Layout;
  onOpen: (gap: number) => void;
  onWindow: (window: Interval | undefined) => void;
}

export function Axis({ ref, width, height, layout, onOpen, onWindow }: Props) {
  const { scale, extent, whole } = layout;
  const marks = ticks(scale, extent.from, Math.max(2, Math.floor(width / MARK_WIDTH)));
  const gaps = scale.pieces.filter((piece) => piece.isCollapsed && piece.x1 > 0 && piece.x0 < 1);
  const brush = useBrush((x0, x1) => {
    const [from, to] = [scale.time(x0), scale.time(x1)];
    if (whole.x(to) - whole.x(from) > 0) onWindow({ from: offset(extent, from), to: offset(extent, to) });
  });
  return (
    <div
      className={`${COLUMNS} sticky top-0 z-10 border-b border-line bg-surface text-xs text-ink-soft`}
      style={{ height }}
    >
      <span className="self-center truncate pl-3">Step</span>
      <span className="hidden self-center pr-3 text-right sm:block">Duration</span>
      <div
        ref={ref}
        className="relative mr-3 cursor-crosshair touch-none overflow-hidden"
        {...brush.handlers}
      >
        {marks.map((mark) => (
          <span
            key={mark.x}
            className="absolute inset-y-0 flex items-center border-l border-line pl-1 whitespace-nowrap text-ink-faint select-none"
            style={{ left: `${mark.x * 100}%` }}
          >
            {mark.label}
          </span>
        ))}
        {gaps.map((gap) => (
          <GapMark
            key={gap.from}
            gap={gap}
            width={(gap.x1 - gap.x0) * width}
            onOpen={() => onOpen(offset(extent, gap.from))}
          />
        ))}
        {brush.range && (
          <div
            className="absolute inset-y-0 bg-accent/25"
            style={{
              left: `${brush.range.from * 100}%`,
              width: `${(brush.range.to - brush.range.from) * 100}%`,
            }}
          />
        )}
      </div>
    </div>
  );
}

function GapMark({ gap, width, onOpen }: { gap: Piece; width: number; onOpen: () => void }) {
  const length = duration(gap.to - gap.from);
  const style = { left: `${gap.x0 * 100}%`, width: `${(gap.x1 - gap.x0) * 100}%` };
  const look = "absolute inset-y-0.5 rounded-sm bg-sunken";
  if (width < TARGET_WIDTH)
    return <span aria-hidden title={`Idle for ${length}`} className={look} style={style} />;
  return (
    <button
      type="button"
      title={`Idle for ${length}: show it in full`}
      aria-label={`${length} idle: show it in full`}
      onPointerDown={(event) => event.stopPropagation()}
      onClick={onOpen}
      className={`${look} overflow-hidden text-center text-[11px] whitespace-nowrap text-ink-soft hover:text-ink`}
      style={style}
    >
      {width < LENGTH_WIDTH ? <FoldHorizontal aria-hidden className="mx-auto size-3" /> : length}
    </button>
  );
}
