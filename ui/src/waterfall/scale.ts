/**
 * From times to places and back. The scale is linear but for idle gaps, which are collapsed to a fixed width: without
 * that, a sleep of six days leaves no room for anything else.
 *
 * Places are shares of the width, from 0 to 1. A window (zoom) is a part of the places.
 */
import type { Interval } from "./intervals";

/** A gap is idle from this share of the run on. */
const GAP_SHARE_MIN = 0.1;
const GAP_WIDTH = 0.1;
/** All gaps together take no more than this. */
const GAPS_WIDTH_MAX = 0.5;

export interface Piece extends Interval {
  x0: number;
  x1: number;
  isCollapsed: boolean;
}

export interface Scale {
  pieces: readonly Piece[];
  /** Places outside of 0 and 1 are outside of the window. */
  x: (time: number) => number;
  time: (x: number) => number;
}

/** Times between work that are long for the run. */
export function idleGaps(extent: Interval, busy: readonly Interval[]): Interval[] {
  const length = extent.to - extent.from;
  const gaps: Interval[] = [];
  let from = extent.from;
  const close = (to: number) => {
    if (to - from > length * GAP_SHARE_MIN) gaps.push({ from, to });
  };
  for (const interval of busy) {
    if (interval.from > from) close(Math.min(interval.from, extent.to));
    from = Math.max(from, interval.to);
  }
  if (from < extent.to) close(extent.to);
  // Where there is nothing else, there is nothing to make room for.
  const idle = gaps.reduce((sum, gap) => sum + gap.to - gap.from, 0);
  return idle >= length ? [] : gaps;
}

/** The whole extent, with these gaps collapsed. */
export function makeScale(extent: Interval, collapsed: readonly Interval[] = []): Scale {
  const gapWidth = Math.min(GAP_WIDTH, GAPS_WIDTH_MAX / Math.max(1, collapsed.length));
  const idle = collapsed.reduce((sum, gap) => sum + gap.to - gap.from, 0);
  const perMs =
    (1 - gapWidth * collapsed.length) / Math.max(extent.to - extent.from - idle, Number.MIN_VALUE);
  const pieces: Piece[] = [];
  let x = 0;
  let time = extent.from;
  const add = (to: number, isCollapsed: boolean) => {
    const width = isCollapsed ? gapWidth : (to - time) * perMs;
    if (to > time) pieces.push({ from: time, to, x0: x, x1: x + width, isCollapsed });
    x += to > time ? width : 0;
    time = Math.max(time, to);
  };
  for (const gap of collapsed) {
    add(gap.from, false);
    add(gap.to, true);
  }
  add(extent.to, false);
  if (pieces.length === 0) pieces.push({ ...extent, x0: 0, x1: 1, isCollapsed: false });
  return scaleOf(pieces);
}

/** The part of a scale between two times, as wide as the whole was. */
export function zoom(scale: Scale, window: Interval | undefined): Scale {
  if (!window) return scale;
  const x0 = scale.x(window.from);
  const width = scale.x(window.to) - x0;
  if (!(width > 0)) return scale;
  return scaleOf(
    scale.pieces.map((piece) => ({ ...piece, x0: (piece.x0 - x0) / width, x1: (piece.x1 - x0) / width })),
  );
}

function scaleOf(pieces: readonly Piece[]): Scale {
  return {
    pieces,
    x: (time) => {
      const piece = find(pieces, (it) => time <= it.to);
      const length = piece.to - piece.from;
      const share = length > 0 ? (time - piece.from) / length : 0;
      return piece.x0 + clamp(share) * (piece.x1 - piece.x0);
    },
    time: (x) => {
      const piece = find(pieces, (it) => x <= it.x1);
      const width = piece.x1 - piece.x0;
      return piece.from + (width > 0 ? clamp((x - piece.x0) / width) : 0) * (piece.to - piece.from);
    },
  };
}

function find(pieces: readonly Piece[], fits: (piece: Piece) => boolean): Piece {
  const piece = pieces.find(fits) ?? pieces.at(-1);
  if (!piece) throw new RangeError("a scale has at least one piece");
  return piece;
}

function clamp(share: number): number {
  return Math.min(1, Math.max(0, share));
}

/** A window that is `factor` times as wide around a time; nothing if that is all there is. */
export function zoomBy(
  extent: Interval,
  scale: Scale,
  window: Interval | undefined,
  factor: number,
  middle?: number,
): Interval | undefined {
  const x0 = window ? scale.x(window.from) : 0;
  const x1 = window ? scale.x(window.to) : 1;
  const around = middle === undefined ? (x0 + x1) / 2 : scale.x(middle);
  const from = Math.max(0, around - (around - x0) * factor);
  const to = Math.min(1, around + (x1 - around) * factor);
  return windowOf(extent, scale, from, to);
}

/** The window between two places of the whole; nothing if it is the whole. */
export function windowOf(extent: Interval, scale: Scale, from: number, to: number): Interval | undefined {
  const left = Math.max(0, Math.min(from, to));
  const right = Math.min(1, Math.max(from, to));
  if (left <= 0.001 && right >= 0.999) return undefined;
  // Times have milliseconds: there is nothing to see in less.
  const window = { from: Math.round(scale.time(left)), to: Math.round(scale.time(right)) };
  if (window.to - window.from < 1) window.to = Math.min(extent.to, window.from + 1);
  return window.to > window.from ? window : undefined;
}
