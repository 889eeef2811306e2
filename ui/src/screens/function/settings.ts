/** What is configured of a function, in groups, with a word about what each setting does. */
import type { Function } from "../../api/types";
import { configurationOf, per } from "./configuration";

export interface Setting {
  name: string;
  value: string;
  /** An expression, or several: shown as code. */
  code?: string;
  /** What it does. */
  what: string;
}

/** How runs are carried out. */
export function executionOf(fn: Function): Setting[] {
  const { retries, cancellations = [], priority, timeouts = {}, idempotency } = configurationOf(fn);
  const attempts = (retries?.value ?? 0) + 1;
  const settings: Setting[] = [
    {
      name: "Retries",
      value: `${retries?.value ?? 0}${retries?.isDefault ? ", by default" : ""}`,
      what:
        attempts === 1
          ? "A step that fails is not tried again."
          : `Each step is tried up to ${attempts} times, with growing pauses.`,
    },
  ];
  if (fn.failureHandler)
    settings.push({
      name: "On failure",
      value: fn.failureHandler.name || fn.failureHandler.slug,
      what: "This function is started when a run fails.",
    });
  if (timeouts.start !== undefined)
    settings.push({
      name: "Start timeout",
      value: timeouts.start,
      what: "A run that has not started by then is cancelled.",
    });
  if (timeouts.finish !== undefined)
    settings.push({
      name: "Finish timeout",
      value: timeouts.finish,
      what: "A run that takes longer is cancelled.",
    });
  if (idempotency !== undefined)
    settings.push({
      name: "Idempotency",
      value: "Within 24 hours",
      code: idempotency,
      what: "Of events with the same value, one starts a run.",
    });
  if (priority !== undefined)
    settings.push({
      name: "Priority",
      value: "By an expression",
      code: priority,
      what: "A head start in seconds over other runs that wait.",
    });
  for (const it of cancellations)
    settings.push({
      name: "Cancelled by",
      value: `${it.event}${it.timeout === undefined ? "" : ` within ${it.timeout}`}`,
      ...(it.if === undefined ? {} : { code: it.if }),
      what: "Such an event ends the runs that it fits.",
    });
  return settings;
}

/** What is between events and runs, and is no limit that can be set beside the code. */
export function startsOf(fn: Function): Setting[] {
  const { debounce, eventsBatch, singleton } = configurationOf(fn);
  const settings: Setting[] = [];
  if (debounce)
    settings.push({
      name: "Debounce",
      value: `${debounce.period}${debounce.timeout === undefined ? "" : `, at most ${debounce.timeout}`}`,
      ...keyed(debounce.key),
      what: "A run starts once no event came for so long, with the last one.",
    });
  if (eventsBatch)
    settings.push({
      name: "Batch",
      value: `${eventsBatch.maxSize} events, or ${eventsBatch.timeout}`,
      ...keyed(eventsBatch.key),
      what: "Events are collected; a run starts when so many are there, or so long after the first.",
    });
  if (singleton)
    settings.push({
      name: "Singleton",
      value: singleton.mode === "CANCEL" ? "The newest run" : "The first run",
      ...keyed(singleton.key),
      what:
        singleton.mode === "CANCEL"
          ? "A new run cancels the one that there is."
          : "While a run goes on, others are skipped.",
    });
  return settings;
}

function keyed(key: string | undefined): { code?: string } {
  const text = per(key).trim();
  return text === "" ? {} : { code: text };
}
