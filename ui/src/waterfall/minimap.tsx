/** The whole run at a glance, on a canvas: which part of it is shown, and a part to drag over to see it. */
import { useEffect, useRef } from "react";
import type { Span, SpanStatus } from "../api/types";
import { COLUMNS } from "./columns";
import { segmentsOf, type Interval } from "./intervals";
import { offset, type Layout } from "./layout";
import { windowOf } from "./scale";
import { useBrush } from "./use-brush";
import { useWidth } from "../kit/use-width";

const HEIGHT = 32;
/** A run of fewer steps is seen at once anyway. */
const STEPS_MIN = 12;

const COLOURS: Record<SpanStatus, string> = {
  QUEUED: "--off-bar",
  RUNNING: "--run-bar",
  WAITING: "--wait-bar",
  COMPLETED: "--ok-bar",
  FAILED: "--bad-bar",
  CANCELLED: "--off-bar",
  SKIPPED: "--off-bar",
};

interface Props {
  root: Span;
  layout: Layout;
  window: Interval | undefined;
  onWindow: (window: Interval | undefined) => void;
}

export function Minimap(props: Props) {
  const isUseful = (props.root.children?.length ?? 0) >= STEPS_MIN || props.window !== undefined;
  return isUseful ? <Overview {...props} /> : null;
}

function Overview({ root, layout, window, onWindow }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [area, width] = useWidth<HTMLDivElement>();
  const { whole, extent, now } = layout;
  useEffect(() => {
    const draw = () => canvas.current && drawSpans(canvas.current, root.children ?? [], layout, width);
    draw();
    const theme = new MutationObserver(draw);
    theme.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
    return () => theme.disconnect();
  }, [root, layout, width, now]);
  const brush = useBrush((x0, x1) => {
    const next = windowOf(extent, whole, x0, x1);
    onWindow(next && { from: offset(extent, next.from), to: offset(extent, next.to) });
  });
  const shown = brush.range ?? {
    from: window ? whole.x(extent.from + window.from) : 0,
    to: window ? whole.x(extent.from + window.to) : 1,
  };
  return (
    <div className={`${COLUMNS} shrink-0 border-b border-line`}>
      <span className="self-center truncate pl-3 text-xs text-ink-soft">Whole run</span>
      <span className="hidden sm:block" />
      <div
        ref={area}
        className="relative mr-3 cursor-crosshair touch-none"
        style={{ height: HEIGHT }}
        {...brush.handlers}
        onDoubleClick={() => onWindow(undefined)}
      >
        <canvas ref={canvas} aria-hidden className="absolute inset-0 size-full" />
        <div className="absolute inset-y-0 left-0 bg-canvas/70" style={{ width: `${shown.from * 100}%` }} />
        <div
          className="absolute inset-y-0 right-0 bg-canvas/70"
          style={{ width: `${(1 - shown.to) * 100}%` }}
        />
        {(window || brush.range) && (
          <div
            className="absolute inset-y-0 border-x-2 border-accent bg-accent/10"
            style={{ left: `${shown.from * 100}%`, width: `${(shown.to - shown.from) * 100}%` }}
          />
        )}
      </div>
    </div>
  );
}

function drawSpans(canvas: HTMLCanvasElement, spans: readonly Span[], layout: Layout, width: number): void {
  const context = canvas.getContext("2d");
  if (!context || width === 0) return;
  const dots = globalThis.devicePixelRatio || 1;
  canvas.width = width * dots;
  canvas.height = HEIGHT * dots;
  context.scale(dots, dots);
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  const colours = new Map(Object.entries(COLOURS).map(([status, name]) => [status, colour(name)]));
  const [waiting, other] = [colour("--wait-bar"), colour("--off-bar")];
  const room = HEIGHT - 8;
  const height = Math.max(2, Math.min(3, room / Math.max(1, spans.length)));
  spans.forEach((span, i) => {
    const y = 4 + (i / Math.max(1, spans.length)) * (room - height + 1);
    for (const { kind, from, to } of segmentsOf(span, layout.now)) {
      if (kind === "backoff") continue;
      context.fillStyle =
        kind === "code" ? (colours.get(span.status) ?? other) : kind === "waiting" ? waiting : other;
      const x = layout.whole.x(from) * width;
      context.fillRect(x, y, Math.max(2, layout.whole.x(to) * width - x), height);
    }
  });
}
