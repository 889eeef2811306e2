/** What the URL says of the list of runs: which of them are shown. Attributes are `attr.NAME`, as in the API. */
import { useMemo } from "react";
import type { Params } from "../../api/client";
import type { Run, SpanStatus } from "../../api/types";
import { runStatus } from "../../kit/status";
import type { Range } from "../../time/range";
import { useUrlSearch } from "../../url/navigation";
import { compact, many, one, type Search } from "../../url/search";
import type { RunsSearch } from "../../url/searches";

export const TIME_FIELDS = ["queuedAt", "startedAt", "endedAt"] as const;
export type TimeField = (typeof TIME_FIELDS)[number];

/** In the order of a run's life. */
export const STATUSES = ["QUEUED", "RUNNING", "COMPLETED", "FAILED", "CANCELLED", "SKIPPED"] as const;

export interface RunFilter extends Range {
  status?: SpanStatus[];
  appId?: string[];
  /** Slugs. */
  functionId?: string[];
  eventName?: string;
  /** A value of a key of a limit. */
  key?: string;
  errorGroup?: string;
  /** Id of a bulk operation that made them. */
  operation?: string;
  isDeferred?: "true" | "false";
  /** Which time the range is about; that of queueing without it. */
  timeField?: TimeField;
  attributes?: Record<string, string>;
  /** An expression. */
  search?: string;
}

const ATTRIBUTE = "attr.";

export function readFilter(search: Search): RunFilter {
  const [since, from, until] = [one(search["since"]), one(search["from"]), one(search["until"])];
  const statuses = many(search["status"])?.filter((it): it is (typeof STATUSES)[number] =>
    (STATUSES as readonly string[]).includes(it),
  );
  const timeField = one(search["timeField"]);
  const isDeferred = one(search["isDeferred"]);
  const attributes = Object.entries(search)
    .filter(([name]) => name.startsWith(ATTRIBUTE))
    .map(([name, value]) => [name.slice(ATTRIBUTE.length), one(value) ?? ""] as const);
  return compact({
    status: statuses?.length ? statuses : undefined,
    appId: many(search["appId"]),
    functionId: many(search["functionId"]),
    eventName: one(search["eventName"]),
    key: one(search["key"]),
    errorGroup: one(search["errorGroup"]),
    operation: one(search["operation"]),
    isDeferred: isDeferred === "true" || isDeferred === "false" ? isDeferred : undefined,
    // A time of its own is more exact than how long ago it was.
    since: from === undefined ? since : undefined,
    from,
    until,
    timeField: TIME_FIELDS.find((field) => field === timeField && field !== "queuedAt"),
    attributes: attributes.length > 0 ? Object.fromEntries(attributes) : undefined,
    search: one(search["search"]),
  });
}

export function writeFilter({ attributes = {}, ...rest }: RunFilter): RunsSearch {
  const named = Object.entries(attributes).map(([name, value]) => [`${ATTRIBUTE}${name}`, value] as const);
  return { ...rest, ...Object.fromEntries(named) };
}

/** As the parameters of the list take it. */
export function filterParams({ since, from, ...rest }: RunFilter): Params {
  return writeFilter(compact({ ...rest, from: from ?? since }));
}

/** As the body of an operation takes it. */
export function filterBody({ since, from, isDeferred, ...rest }: RunFilter): Record<string, unknown> {
  return compact({
    ...rest,
    from: from ?? since,
    isDeferred: isDeferred === undefined ? undefined : isDeferred === "true",
  });
}

/** Whether a run that is told of belongs to the list; not known if only the server can tell. */
export function belongs(filter: RunFilter, run: Run, slugOf: (run: Run) => string): boolean | undefined {
  const { status, appId, functionId, eventName, attributes = {} } = filter;
  const isKnown = (wanted: readonly string[] | undefined, ...names: string[]) =>
    wanted === undefined || names.some((name) => wanted.includes(name));
  const fits =
    isKnown(status, runStatus(run)) &&
    isKnown(appId, run.app.id) &&
    isKnown(functionId, run.function.id, slugOf(run)) &&
    (eventName === undefined || run.trigger.eventName === eventName) &&
    Object.entries(attributes).every(([name, value]) => run.attributes?.[name] === value) &&
    filter.until === undefined;
  if (!fits) return false;
  const { search, key, errorGroup, operation, isDeferred, timeField } = filter;
  const isCertain = [search, key, errorGroup, operation, isDeferred, timeField].every(
    (it) => it === undefined,
  );
  return isCertain ? true : undefined;
}

export function isFiltered(filter: RunFilter): boolean {
  return Object.keys(filter).some((name) => name !== "timeField");
}

export function useRunFilter(): [RunFilter, (filter: RunFilter) => void] {
  const { search, set } = useUrlSearch<RunsSearch>();
  const filter = useMemo(() => readFilter(search), [search]);
  return [filter, (next) => set(writeFilter(next))];
}

/** The run that is looked at beside the list. */
export function usePeeked(): [string | undefined, (run: string | undefined) => void] {
  const { search, merge } = useUrlSearch<RunsSearch>();
  return [one(search["peek"]), (run) => merge({ peek: run })];
}
