/** What a function asks for (`configuration` of `/v2`), and the limits of it in words. */
import type { Function } from "../../api/types";

export interface Configuration {
  retries?: { value?: number; isDefault?: boolean };
  concurrency?: Concurrency[];
  throttle?: { limit: number; period: string; burst?: number; key?: string };
  rateLimit?: { limit: number; period: string; key?: string };
  debounce?: { period: string; timeout?: string; key?: string };
  eventsBatch?: { maxSize: number; timeout: string; key?: string };
  singleton?: { mode: "SKIP" | "CANCEL"; key?: string };
  /** An expression: the head start of a run in seconds. */
  priority?: string;
  idempotency?: string;
  timeouts?: { start?: string; finish?: string };
  cancellations?: { event: string; timeout?: string; if?: string }[];
}

export interface Concurrency {
  scope?: "FUNCTION" | "ENVIRONMENT" | "ACCOUNT";
  limit?: { value?: number };
  key?: string;
}

export function configurationOf(fn: Pick<Function, "configuration">): Configuration {
  return fn.configuration;
}

/** What stands between an event and a run, or between a run and its next step: each in a word or two, and whole. */
export interface LimitWords {
  short: string;
  whole: string;
}

export function limitsOf(configuration: Configuration): LimitWords[] {
  const { concurrency = [], throttle, rateLimit, debounce, eventsBatch, singleton } = configuration;
  const words: LimitWords[] = concurrency.map((it) => ({
    short: `${it.limit?.value ?? 0} at once`,
    whole: `${concurrencyWords(it)}`,
  }));
  if (throttle)
    words.push({
      short: `${throttle.limit} per ${throttle.period}`,
      whole: `Throttle: ${throttle.limit} starts per ${throttle.period}${per(throttle.key)}, others wait`,
    });
  if (rateLimit)
    words.push({
      short: `≤ ${rateLimit.limit} per ${rateLimit.period}`,
      whole: `Rate limit: ${rateLimit.limit} starts per ${rateLimit.period}${per(rateLimit.key)}, others are skipped`,
    });
  if (debounce)
    words.push({
      short: `debounce ${debounce.period}`,
      whole: `Debounce: starts ${debounce.period} after the last event${per(debounce.key)}`,
    });
  if (eventsBatch)
    words.push({
      short: `batch of ${eventsBatch.maxSize}`,
      whole: `Batch: one run for up to ${eventsBatch.maxSize} events, or what came in ${eventsBatch.timeout}${per(eventsBatch.key)}`,
    });
  if (singleton)
    words.push({
      short: "singleton",
      whole: `Singleton: one run at a time${per(singleton.key)}, ${singleton.mode === "CANCEL" ? "a new one cancels the other" : "others are skipped"}`,
    });
  return words;
}

export function concurrencyWords({ scope, limit, key }: Concurrency): string {
  const of = scope === "ENVIRONMENT" || scope === "ACCOUNT" ? ", shared with other functions" : "";
  return `Concurrency: ${limit?.value ?? 0} steps at once${per(key)}${of}`;
}

export function per(key: string | undefined): string {
  return key === undefined || key === "" ? "" : ` per ${key}`;
}
