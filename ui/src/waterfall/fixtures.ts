/** Traces for tests. Times are milliseconds from a fixed start. */
import type { Span, Trace } from "../api/types";

export const START = Date.parse("2026-01-02T03:04:05.000Z");

export const time = (ms: number): string => new Date(START + ms).toISOString();

export function step(name: string, from: number, to: number | undefined, more: Partial<Span> = {}): Span {
  return {
    id: `span-${name}`,
    stepId: `step-${name}`,
    name,
    stepOp: "RUN",
    status: to === undefined ? "RUNNING" : "COMPLETED",
    queuedAt: time(from),
    startedAt: time(from),
    ...(to === undefined ? {} : { endedAt: time(to), durationMs: String(to - from) }),
    ...more,
  };
}

/** As attempts are: what is within a step has no operation of its own. */
export function attempt(number: number, from: number, to: number, more: Partial<Span> = {}): Span {
  const span = step(`Attempt ${number}`, from, to, { status: "FAILED", ...more });
  delete span.stepOp;
  return span;
}

export function trace(from: number, to: number | undefined, children: Span[]): Trace {
  return { runId: "01RUN", rootSpan: { ...step("Run", from, to, { children }), id: "root" } };
}

/** A run of many steps, one after the other, some of them failed with attempts. */
export function longTrace(count: number): Trace {
  const steps = Array.from({ length: count }, (_, i) => {
    const from = i * 10;
    const isFailed = i % 100 === 99;
    if (!isFailed) return step(`row-${i}`, from, from + 8);
    const children = [attempt(0, from, from + 3), attempt(1, from + 4, from + 7)];
    return step(`row-${i}`, from, from + 8, {
      status: "FAILED",
      children: children.map((child) => ({ ...child, id: `${child.id}-${i}` })),
    });
  });
  return trace(0, count * 10, steps);
}
