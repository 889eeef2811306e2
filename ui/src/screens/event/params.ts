/** What the URL says of an event: which, and which part of it is shown. */
import { usePathParam, useUrlSearch } from "../../url/navigation";
import { one } from "../../url/search";
import type { EventSearch } from "../../url/searches";

export function useEventId(): string {
  return usePathParam("event");
}

export function useTab(): [string | undefined, (tab: string) => void] {
  const { search, merge } = useUrlSearch<EventSearch>();
  return [one(search["tab"]), (tab) => merge({ tab })];
}
