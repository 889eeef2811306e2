/** Small charts for the rows of a table, drawn as SVG: how much there was, and what of it failed. */
import { useId } from "react";

const HEIGHT = 22;
const GAP = 1;

interface BarsProps {
  /** All of a bucket, and the part of it that is bad. */
  bars: readonly { total: number; bad: number }[];
  /** What it shows, for those who do not see it. */
  label: string;
  width?: number;
}

/** Bars, the bad part at the foot of each. */
export function Sparkbars({ bars, label, width = 96 }: BarsProps) {
  const most = Math.max(1, ...bars.map(({ total }) => total));
  const step = width / Math.max(1, bars.length);
  const scale = (value: number) => (value === 0 ? 0 : Math.max(1.5, (value / most) * (HEIGHT - 1)));
  return (
    <svg
      role="img"
      aria-label={label}
      viewBox={`0 0 ${width} ${HEIGHT}`}
      width={width}
      height={HEIGHT}
      className="block max-w-full"
    >
      <line
        x1="0"
        x2={width}
        y1={HEIGHT - 0.5}
        y2={HEIGHT - 0.5}
        className="stroke-line-strong/40"
        strokeWidth="1"
      />
      {bars.map(({ total, bad }, i) => {
        const high = scale(total);
        const low = Math.min(high, scale(bad));
        const x = i * step;
        const w = Math.max(1, step - GAP);
        return total === 0 ? null : (
          <g key={i}>
            <rect x={x} y={HEIGHT - high} width={w} height={high - low} className="fill-ok-bar" />
            {low > 0 && <rect x={x} y={HEIGHT - low} width={w} height={low} className="fill-bad-bar" />}
          </g>
        );
      })}
    </svg>
  );
}

interface LineProps {
  /** `null` is a gap. */
  values: readonly (number | null)[];
  label: string;
  width?: number;
  height?: number;
  /** Its colour. */
  className?: string;
}

/** A line over a soft area, from 0 on. */
export function Sparkline({ values, label, width = 160, height = 36, className = "text-accent" }: LineProps) {
  const id = useId();
  const most = Math.max(...values.map((value) => value ?? 0), 0) || 1;
  const step = width / Math.max(1, values.length - 1);
  const y = (value: number) => height - 1.5 - (value / most) * (height - 4);
  const lines = unbroken(values).map((points) => points.map(([i, value]) => [i * step, y(value)] as const));
  return (
    <svg
      role="img"
      aria-label={label}
      viewBox={`0 0 ${width} ${height}`}
      preserveAspectRatio="none"
      className={`block w-full ${className}`}
      style={{ height }}
    >
      <defs>
        <linearGradient id={id} x1="0" x2="0" y1="0" y2="1">
          <stop offset="0" stopColor="currentColor" stopOpacity="0.22" />
          <stop offset="1" stopColor="currentColor" stopOpacity="0.02" />
        </linearGradient>
      </defs>
      {lines.map((points, i) => {
        const path = (points.length === 1 ? dash(points[0]) : points)
          .map(([px, py]) => `${px.toFixed(1)},${py.toFixed(1)}`)
          .join("L");
        const [first, last] = [points[0]?.[0] ?? 0, points.at(-1)?.[0] ?? 0];
        return (
          <g key={i}>
            <path d={`M${first},${height}L${path}L${last},${height}Z`} fill={`url(#${id})`} />
            <path
              d={`M${path}`}
              fill="none"
              stroke="currentColor"
              strokeWidth="1.5"
              vectorEffect="non-scaling-stroke"
              strokeLinejoin="round"
            />
          </g>
        );
      })}
    </svg>
  );
}

/** A value between gaps: a point has no length. */
function dash(point: readonly [number, number] | undefined): (readonly [number, number])[] {
  return point ? [-1.5, 1.5].map((by) => [point[0] + by, point[1]] as const) : [];
}

/** The parts between gaps, each value with its place. */
export function unbroken(values: readonly (number | null)[]): [number, number][][] {
  const parts: [number, number][][] = [];
  let part: [number, number][] = [];
  values.forEach((value, i) => {
    if (value !== null) {
      if (part.length === 0) parts.push(part);
      part.push([i, value]);
    } else part = [];
  });
  return parts;
}
