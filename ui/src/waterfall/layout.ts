/** What the waterfall and its minimap are drawn from: when the run was, what of it is idle, and the scale of it. */
import { useMemo } from "react";
import type { Trace } from "../api/types";
import { isEnded } from "../kit/status";
import { useFineNow } from "../time/clock";
import { busyTimes, extentOfRun, type Interval } from "./intervals";
import { idleGaps, makeScale, zoom, type Scale } from "./scale";

/** How one looks at a run; times are milliseconds from its start, as the URL keeps them. */
export interface View {
  /** The part that is shown; all of it if there is none. */
  window: Interval | undefined;
  /** Idle gaps that are shown in full, by their start: all, or some. */
  openGaps: "all" | readonly number[];
}

export interface Layout {
  now: number;
  extent: Interval;
  gaps: readonly Interval[];
  /** Of the whole run. */
  whole: Scale;
  /** Of the window. */
  scale: Scale;
}

export function useLayout(trace: Trace, view: View): Layout {
  const now = useFineNow(!isEnded(trace.rootSpan.status));
  const { window, openGaps } = view;
  const run = useMemo(() => {
    const extent = extentOfRun(trace.rootSpan, now);
    return { extent, gaps: idleGaps(extent, busyTimes(trace, now)) };
  }, [trace, now]);
  const whole = useMemo(() => {
    const isOpen = (gap: Interval) => openGaps === "all" || openGaps.includes(offset(run.extent, gap.from));
    return makeScale(
      run.extent,
      run.gaps.filter((gap) => !isOpen(gap)),
    );
  }, [run, openGaps]);
  const scale = useMemo(() => {
    const { from } = run.extent;
    return zoom(whole, window && { from: from + window.from, to: from + window.to });
  }, [whole, run, window]);
  return { now, ...run, whole, scale };
}

export function offset(extent: Interval, time: number): number {
  return Math.round(time - extent.from);
}
