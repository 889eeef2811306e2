/** A filter of runs in words. */
import { LOOKS } from "../../kit/status";
import { rangeWords } from "../../time/range";
import type { RunFilter, TimeField } from "./params";

export const TIME_WORDS: Record<TimeField, string> = {
  queuedAt: "queued",
  startedAt: "started",
  endedAt: "ended",
};

/** `failed runs of shop-import, queued last 1h, where event.data.amount > 10`. */
export function filterWords(filter: RunFilter): string {
  const {
    status = [],
    functionId,
    appId,
    eventName,
    key,
    errorGroup,
    operation,
    isDeferred,
    search,
  } = filter;
  const states = or(status.map((it) => LOOKS[it].word.toLowerCase()));
  let words = `${states} runs`.trimStart();
  if (functionId) words += ` of ${or(functionId)}`;
  if (appId) words += ` of the app ${or(appId)}`;
  if (hasRange(filter)) words += `, ${TIME_WORDS[filter.timeField ?? "queuedAt"]} ${rangeOf(filter)}`;
  if (eventName !== undefined) words += `, triggered by ${eventName}`;
  if (isDeferred !== undefined) words += `, ${isDeferred === "true" ? "" : "not "}deferred by other runs`;
  if (key !== undefined) words += `, with the key ${key}`;
  if (errorGroup !== undefined) words += `, with the error ${errorGroup}`;
  if (operation !== undefined) words += `, made by the operation ${operation}`;
  for (const [name, value] of Object.entries(filter.attributes ?? {})) words += `, with ${name} ${value}`;
  if (search !== undefined) words += `, where ${search}`;
  return words;
}

export function hasRange({ since, from, until }: RunFilter): boolean {
  return (since ?? from ?? until) !== undefined;
}

function rangeOf({ since, from, until }: RunFilter): string {
  const range = { ...(since ? { since } : {}), ...(from ? { from } : {}), ...(until ? { until } : {}) };
  return rangeWords(range);
}

function or(names: readonly string[]): string {
  return names.join(" or ");
}
