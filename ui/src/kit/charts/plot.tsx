/** A chart over time, drawn by uPlot on a canvas. Comes lazily: see `time-chart`. */
import { useEffect, useEffectEvent, useRef } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { serverClock } from "../../time/clock";
import { stacked, type Series, type Span } from "./series";
import { ladder } from "./ladder";
import { tickWords } from "./ticks";

export interface PlotProps {
  spans: readonly Span[];
  series: readonly Series[];
  look: "bars" | "lines";
  height: number;
  isUtc: boolean;
  /** Of the axis. */
  format: (value: number) => string;
  /** The least that the axis reaches to. */
  most?: number | undefined;
  /** Where the axis may be marked; anywhere round without it. */
  steps?: readonly number[] | undefined;
  /** For durations of very different lengths. */
  isLog?: boolean | undefined;
  /** Charts with the same one show the same moment. */
  syncKey?: string | undefined;
  onHover: (index: number | undefined) => void;
  onRange?: ((from: number, until: number) => void) | undefined;
}

const AXIS_WIDTH = 52;
/** Narrower is a click. */
const DRAG_MIN_PX = 6;

export function Plot(props: PlotProps) {
  const { spans, series, look, height, isUtc, most, steps, isLog = false, syncKey, onRange } = props;
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(null);
  const format = useEffectEvent(props.format);
  const hover = useEffectEvent(props.onHover);
  const range = useEffectEvent((from: number, until: number) => onRange?.(from, until));
  const canBrush = onRange !== undefined;
  const shape = series.map(({ title, token }) => `${title} ${token}`).join("\n");
  const first = spans[0]?.start ?? 0;
  const last = spans.at(-1)?.end ?? 1;

  const make = useEffectEvent((parent: HTMLElement): uPlot => {
    const lines: uPlot.Series[] = series.map(({ title, token }) => ({
      label: title,
      stroke: () => colour(token),
      ...(look === "bars"
        ? bars(token)
        : { width: 1.5, points: { show: true, size: 5, fill: () => colour(token), filter: isolated } }),
    }));
    const options: uPlot.Options = {
      width: parent.clientWidth,
      height,
      padding: [8, 18, 0, 0],
      legend: { show: false },
      tzDate: (ts) => (isUtc ? uPlot.tzDate(new Date(ts * 1000), "Etc/UTC") : new Date(ts * 1000)),
      cursor: {
        y: false,
        points: { show: look === "lines" },
        drag: { x: canBrush, y: false, setScale: false, dist: DRAG_MIN_PX },
        ...(syncKey === undefined ? {} : { sync: { key: syncKey } }),
      },
      scales: {
        x: { time: true, range: [first / 1000, last / 1000] },
        y: isLog
          ? { distr: 3, range: (_, min, max) => ends(ladder(min, max)) }
          : { range: (_, __, max) => [0, Math.max(max * 1.05, most ?? 0) || 1] },
      },
      // What is stacked highest is drawn first, so that each is seen.
      series: [{}, ...(look === "bars" ? lines.reverse() : lines)],
      axes: [
        {
          stroke: () => colour("ink-soft"),
          font: font(),
          size: 24,
          gap: 4,
          space: 64,
          grid: { show: false },
          ticks: { stroke: () => colour("line"), size: 4, width: 1 },
          values: (_, times, __, ___, step) => tickWords(times, step, { utc: isUtc }),
        },
        {
          stroke: () => colour("ink-soft"),
          font: font(),
          size: AXIS_WIDTH,
          gap: 6,
          space: 30,
          grid: { stroke: () => colour("line"), width: 1 },
          ticks: { show: false },
          ...(steps ? { incrs: [...steps] } : {}),
          ...(isLog ? { splits: (_, __, min, max) => ladder(min, max), filter: (_, splits) => splits } : {}),
          // Round times are short: `45m`, not `45m 00s`.
          values: (_, values) => values.map((value) => format(value).replace(/ 00[sm]$/, "")),
        },
      ],
      hooks: {
        setCursor: [(u) => hover(u.cursor.idx ?? undefined)],
        setSelect: [
          (u) => {
            const { left, width } = u.select;
            if (width < DRAG_MIN_PX) return;
            range(u.posToVal(left, "x") * 1000, u.posToVal(left + width, "x") * 1000);
            u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
          },
        ],
        ...(look === "bars" ? { draw: [(u: uPlot) => hatch(u, spans.at(-1))] } : {}),
      },
    };
    return new uPlot(options, dataOf(spans, series, look, isLog), parent);
  });
  useEffect(() => {
    const parent = place.current;
    if (!parent) return undefined;
    const made = make(parent);
    plot.current = made;
    const sized = new ResizeObserver(() => made.setSize({ width: parent.clientWidth, height }));
    sized.observe(parent);
    const themed = new MutationObserver(() => made.redraw());
    themed.observe(document.documentElement, { attributeFilter: ["data-theme"] });
    return () => {
      sized.disconnect();
      themed.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [shape, look, height, isUtc, most, isLog, syncKey, canBrush, first, last]);

  useEffect(() => plot.current?.setData(dataOf(spans, series, look, isLog)), [spans, series, look, isLog]);

  return (
    <div
      ref={place}
      style={{ height }}
      className="w-full overflow-hidden [&_.u-cursor-x]:!border-line-strong [&_.u-select]:!bg-accent/20"
    />
  );
}

/** The values are in the middle of their buckets. */
function dataOf(
  spans: readonly Span[],
  series: readonly Series[],
  look: PlotProps["look"],
  isLog: boolean,
): uPlot.AlignedData {
  const times = spans.map(({ start, end }) => (start + end) / 2000);
  // There is no place for 0 on a logarithmic axis.
  const drawn = (value: number | null) => (isLog && value !== null ? Math.max(1, value) : value);
  const values = look === "bars" ? stacked(series).reverse() : series.map((it) => it.values.map(drawn));
  return [times, ...values];
}

function ends(values: readonly number[]): [number, number] {
  return [values[0] ?? 1, values.at(-1) ?? 10];
}

function bars(token: string): Partial<uPlot.Series> {
  return {
    width: 0,
    fill: () => colour(token),
    paths: uPlot.paths.bars?.({ size: [0.8, 48], align: 0 }) ?? null,
    points: { show: false },
  } as Partial<uPlot.Series>;
}

/** Values with gaps on both sides: no line is drawn through them. */
function isolated(u: uPlot, index: number): number[] {
  const values = u.data[index] ?? [];
  const isThere = (i: number) => values[i] !== null && values[i] !== undefined;
  return [...values.keys()].filter((i) => isThere(i) && !isThere(i - 1) && !isThere(i + 1));
}

/** What may still grow: the last bucket, if it is not over. */
function hatch(u: uPlot, span: Span | undefined): void {
  if (!span || span.end <= serverClock.now()) return;
  const from = u.valToPos(span.start / 1000, "x", true);
  const to = u.valToPos(span.end / 1000, "x", true);
  const { ctx, bbox } = u;
  const scale = devicePixelRatio;
  ctx.save();
  ctx.beginPath();
  ctx.rect(from, bbox.top, to - from, bbox.height);
  ctx.clip();
  ctx.strokeStyle = colour("surface");
  ctx.globalAlpha = 0.6;
  ctx.lineWidth = 1.5 * scale;
  ctx.beginPath();
  for (let x = from - bbox.height; x < to; x += 5 * scale) {
    ctx.moveTo(x, bbox.top + bbox.height);
    ctx.lineTo(x + bbox.height, bbox.top);
  }
  ctx.stroke();
  ctx.restore();
}

function colour(token: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${token}`).trim() || "gray";
}

function font(): string {
  return `11px ${getComputedStyle(document.body).fontFamily}`;
}
