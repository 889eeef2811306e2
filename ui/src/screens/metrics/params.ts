/** What the URL says of the metrics: of which function or app, and of which time. */
import type { Params } from "../../api/client";
import { parseSpan, type Range } from "../../time/range";
import { useUrlSearch } from "../../url/navigation";
import { compact, one, type Search } from "../../url/search";
import type { MetricsSearch } from "../../url/searches";

/** The last day goes without saying. */
export const SINCE_DEFAULT = "24h";

export interface MetricsView extends Range {
  /** The slug of a function. */
  function?: string;
  app?: string;
}

export function readView(search: Search): MetricsView {
  const since = one(search["since"]);
  const [from, until] = [time(search["from"]), time(search["until"])];
  const isAbsolute = from !== undefined && (until === undefined || Date.parse(from) < Date.parse(until));
  return compact({
    function: one(search["function"]),
    app: one(search["app"]),
    since: !isAbsolute && since !== undefined && parseSpan(since) !== undefined ? since : undefined,
    ...(isAbsolute ? { from, until } : {}),
  });
}

function time(value: unknown): string | undefined {
  const text = one(value);
  return text === undefined || Number.isNaN(Date.parse(text)) ? undefined : text;
}

/** As the URL has it: what goes without saying is left out. */
export function writeView({ since, ...rest }: MetricsView): MetricsSearch {
  return { ...rest, since: since === SINCE_DEFAULT ? undefined : since };
}

/** As the API takes it. */
export function metricsParams({ function: slug, app, since, from, until }: MetricsView): Params {
  return compact({
    functionId: slug,
    appId: slug === undefined ? app : undefined,
    from: from ?? since ?? SINCE_DEFAULT,
    until,
  });
}

/** The same of the time before it, which is as long. */
export function paramsBefore(view: MetricsView, now: number): Params {
  const { from, until, since = SINCE_DEFAULT } = view;
  const params = metricsParams(view);
  if (from === undefined) {
    const span = parseSpan(since) ?? 0;
    return { ...params, from: `${Math.round((2 * span) / 1000)}s`, until: since };
  }
  const start = Date.parse(from);
  const end = until === undefined ? now : Date.parse(until);
  return { ...params, from: new Date(start - (end - start)).toISOString(), until: from };
}

/** The time moved by its own length, or made twice as long around its middle; never past now. */
export function moved(view: MetricsView, how: "back" | "forward" | "out", now: number): MetricsView {
  const { from, until, since = SINCE_DEFAULT, ...rest } = view;
  const end = until === undefined ? now : Date.parse(until);
  const start = from === undefined ? end - (parseSpan(since) ?? 0) : Date.parse(from);
  const length = end - start;
  if (how === "out" && from === undefined) return { ...rest, since: `${Math.round((2 * length) / 1000)}s` };
  const by = how === "back" ? -length : how === "forward" ? length : 0;
  const wide = how === "out" ? length / 2 : 0;
  const newEnd = Math.min(end + by + wide, now);
  const newStart = how === "out" ? newEnd - 2 * length : newEnd - length;
  return { ...rest, from: new Date(newStart).toISOString(), until: new Date(newEnd).toISOString() };
}

export function useMetricsView(): [MetricsView, (view: MetricsView) => void] {
  const { search, set } = useUrlSearch<MetricsSearch>();
  return [readView(search), (view) => set(writeView(view))];
}
