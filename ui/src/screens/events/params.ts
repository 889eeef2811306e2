/** What the URL says of the list of events: which of them are shown. */
import type { Params } from "../../api/client";
import type { Range } from "../../time/range";
import { useUrlSearch } from "../../url/navigation";
import { compact, one, type Search } from "../../url/search";
import type { EventsSearch } from "../../url/searches";

export interface EventFilter extends Range {
  name?: string;
  /** An expression. */
  search?: string;
  /** Also those that the server sends itself. */
  internal?: "yes";
}

export function readFilter(search: Search): EventFilter {
  const [since, from] = [one(search["since"]), one(search["from"])];
  return compact({
    name: one(search["name"]),
    search: one(search["search"]),
    internal: one(search["internal"]) === "yes" ? ("yes" as const) : undefined,
    // A time of its own is more exact than how long ago it was.
    since: from === undefined ? since : undefined,
    from,
    until: one(search["until"]),
  });
}

/** As the API takes it. */
export function filterParams({ name, search, internal, since, from, until }: EventFilter): Params {
  return compact({
    name,
    search,
    includeInternal: internal === undefined ? undefined : true,
    from: from ?? since,
    until,
  });
}

/** Whether an event that is told of belongs to the list; of a search only the server knows. */
export function belongs({ name, internal, until }: EventFilter, event: { name: string }): boolean {
  if (until !== undefined) return false;
  if (name !== undefined) return event.name === name;
  return internal === "yes" || !event.name.startsWith("inngest/");
}

export function isFiltered(filter: EventFilter): boolean {
  return Object.keys(filter).length > 0;
}

export function useFilter(): [EventFilter, (filter: EventFilter) => void] {
  const { search, set } = useUrlSearch<EventsSearch>();
  return [readFilter(search), set];
}
