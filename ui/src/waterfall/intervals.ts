/** Intervals of time in milliseconds: what a span took, where its time went, and when a run was at work. */
import type { Span, Trace } from "../api/types";

export interface Interval {
  from: number;
  to: number;
}

/**
 * What the time of a span was spent on: in a queue, backing off before an attempt, on the way to the app and back, in the
 * code of the step, or waiting for what the step is about (a time, an event, a signal, another run).
 */
export type SegmentKind = "queued" | "backoff" | "network" | "code" | "waiting";

export interface Segment extends Interval {
  kind: SegmentKind;
  /** Of a step with attempts: whether this one failed. */
  isFailed?: boolean;
}

const WAITS = new Set(["SLEEP", "WAIT_FOR_EVENT", "WAIT_FOR_SIGNAL", "INVOKE"]);

/** Whether the step is about waiting, and no code of the app runs for it. */
export function isWait(span: Span): boolean {
  return span.stepOp !== undefined && WAITS.has(span.stepOp);
}

/** Attempts are the children of a step that failed at least once, and of the end of a function. */
export function attemptsOf(span: Span): Span[] {
  if (!isStep(span)) return [];
  return (span.children ?? []).filter((child) => !isStep(child) && child.userland === undefined);
}

function isStep(span: Span): boolean {
  return span.stepOp !== undefined || span.stepType !== undefined;
}

export function at(time: string | undefined): number | undefined {
  if (time === undefined) return undefined;
  const ms = Date.parse(time);
  return Number.isNaN(ms) ? undefined : ms;
}

/** From when it was queued to its end, or until now. */
export function extentOf(span: Span, now: number): Interval {
  const from = at(span.queuedAt) ?? at(span.startedAt) ?? now;
  return { from, to: Math.max(from, at(span.endedAt) ?? (isOpen(span) ? now : lastTime(span, from))) };
}

/** How long it took since it started, as the API has it: the time in the queue is not a part of that. */
export function tookOf(span: Span, now: number): number | undefined {
  const started = at(span.startedAt);
  if (started === undefined) return undefined;
  if (span.durationMs !== undefined) return Number(span.durationMs);
  return Math.max(0, extentOf(span, now).to - started);
}

/** Nothing says when what has not run yet will end. */
function isOpen(span: Span): boolean {
  return span.status === "RUNNING" || span.status === "WAITING" || span.status === "QUEUED";
}

function lastTime(span: Span, from: number): number {
  return (span.children ?? []).reduce(
    (last, child) => Math.max(last, at(child.endedAt) ?? at(child.startedAt) ?? from),
    at(span.startedAt) ?? from,
  );
}

/** The extent of the whole run: that of the root and of all that is in it. */
export function extentOfRun(root: Span, now: number): Interval {
  const whole = extentOf(root, now);
  for (const child of root.children ?? []) {
    const { from, to } = extentOf(child, now);
    whole.from = Math.min(whole.from, from);
    whole.to = Math.max(whole.to, to);
  }
  return whole;
}

/** Where the time of a span went, in order. */
export function segmentsOf(span: Span, now: number): Segment[] {
  const attempts = attemptsOf(span);
  if (attempts.length > 0) {
    return attempts.flatMap((attempt) =>
      segmentsOf(attempt, now).map((segment) => ({ ...segment, isFailed: attempt.status === "FAILED" })),
    );
  }
  const { from, to } = extentOf(span, now);
  const started = at(span.startedAt);
  if (started === undefined) return keep([{ kind: "queued", from, to }]);
  if (isWait(span)) {
    return keep([
      { kind: "queued", from, to: started },
      { kind: "waiting", from: started, to },
    ]);
  }
  const timing = span.timing;
  if (!timing) {
    return keep([
      { kind: "queued", from, to: started },
      { kind: "code", from: started, to },
    ]);
  }
  const backoff = Math.min(from + (timing.backoffMs ?? 0), started);
  const called = Math.min(backoff + (timing.queuedMs ?? 0), started);
  // Only if the SDK measured the code is the rest of the call known to be the way there and back.
  const back = timing.userCodeMs === undefined ? to : Math.max(to, called + (timing.callMs ?? 0));
  return keep([
    { kind: "backoff", from, to: backoff },
    { kind: "queued", from: backoff, to: called },
    { kind: "network", from: called, to: started },
    { kind: "code", from: started, to },
    { kind: "network", from: to, to: back },
  ]);
}

/** Code is shown even if it took no time that can be measured; what else took none is left out. */
function keep(segments: Segment[]): Segment[] {
  return segments.filter(({ kind, from, to }) => to > from || kind === "code" || kind === "waiting");
}

/** When the run was at work: calls in flight, and code that ran. Sorted, and without overlaps. */
export function busyTimes(trace: Trace, now: number): Interval[] {
  const busy: Interval[] = (trace.calls ?? []).map((call) => {
    const from = at(call.startedAt) ?? now;
    return { from, to: from + call.durationMs };
  });
  for (const child of trace.rootSpan.children ?? []) {
    for (const { kind, from, to } of segmentsOf(child, now)) {
      if (kind === "code" || kind === "network") busy.push({ from, to });
    }
  }
  return union(busy);
}

export function union(intervals: readonly Interval[]): Interval[] {
  const sorted = intervals.toSorted((a, b) => a.from - b.from);
  const joined: Interval[] = [];
  for (const next of sorted) {
    const last = joined.at(-1);
    if (last && next.from <= last.to) last.to = Math.max(last.to, next.to);
    else joined.push({ from: next.from, to: next.to });
  }
  return joined;
}
