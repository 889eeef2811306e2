/** The marks of the time axis: round distances from the start of the run, none within a gap that is collapsed. */
import type { Scale } from "./scale";

const STEPS = [
  1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 10e3, 15e3, 30e3, 60e3, 120e3, 300e3, 600e3, 900e3,
  1800e3, 3600e3, 7200e3, 10_800e3, 21_600e3, 43_200e3, 86_400e3, 172_800e3, 604_800e3, 2_592_000e3,
];

export interface Tick {
  x: number;
  /** Empty where there is no room for it. */
  label: string;
}

/** At most about `most` of them. */
export function ticks(scale: Scale, start: number, most: number): Tick[] {
  const shown = scale.pieces.filter((piece) => !piece.isCollapsed && piece.x1 > 0 && piece.x0 < 1);
  const visible = shown.reduce((sum, piece) => {
    const from = scale.time(Math.max(0, piece.x0));
    return sum + Math.min(piece.to, scale.time(Math.min(1, piece.x1))) - Math.max(piece.from, from);
  }, 0);
  const width = shown.reduce((sum, piece) => sum + Math.min(1, piece.x1) - Math.max(0, piece.x0), 0);
  if (visible <= 0 || width <= 0) return [];
  const wanted = visible / Math.max(1, most * width);
  const step = STEPS.find((it) => it >= wanted) ?? Math.ceil(wanted / 2_592_000e3) * 2_592_000e3;
  const marks: Tick[] = [];
  const gaps = scale.pieces.filter((piece) => piece.isCollapsed);
  const room = 0.7 / most;
  let free = -1;
  for (const piece of shown) {
    const from = Math.max(piece.from, scale.time(0));
    const to = Math.min(piece.to, scale.time(1));
    for (let offset = Math.ceil((from - start) / step) * step; offset <= to - start; offset += step) {
      const x = scale.x(start + offset);
      if (x < free || x > 1) continue;
      // What is said of a gap stands at its start.
      const isCramped = gaps.some((gap) => x < gap.x0 && x + room > gap.x0);
      marks.push({ x, label: isCramped ? "" : offsetLabel(offset) });
      free = x + room;
    }
  }
  return marks;
}

/** `0`, `250 ms`, `1.5 s`, `2m`, `1h 30m`, `6d 4h`: as short as it is exact. */
export function offsetLabel(ms: number): string {
  if (ms === 0) return "0";
  if (ms < 1e3) return `${ms} ms`;
  if (ms < 60e3) return `${+(ms / 1e3).toFixed(3)} s`;
  const units = [
    [Math.floor(ms / 86_400e3), "d"],
    [Math.floor(ms / 3600e3) % 24, "h"],
    [Math.floor(ms / 60e3) % 60, "m"],
    [+((ms % 60e3) / 1e3).toFixed(3), "s"],
  ] as const;
  return units
    .filter(([number]) => number > 0)
    .map(([number, unit]) => `${number}${unit}`)
    .join(" ");
}
