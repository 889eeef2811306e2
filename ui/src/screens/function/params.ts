/** What the URL says of a function: which, and of which time its charts are. */
import { usePathParam, useUrlSearch } from "../../url/navigation";
import { one, type Search } from "../../url/search";
import type { FunctionSearch } from "../../url/searches";

export interface FunctionName {
  app: string;
  id: string;
}

export function useFunctionName(): FunctionName {
  return { app: usePathParam("app"), id: usePathParam("function") };
}

/** How far back charts reach. */
export const SINCE = ["1h", "24h", "7d", "30d"] as const;
export type Since = (typeof SINCE)[number];

export function readSince(search: Search): Since {
  return SINCE.find((it) => it === one(search["since"])) ?? "24h";
}

export function useSince(): [Since, (since: Since) => void] {
  const { search, merge } = useUrlSearch<FunctionSearch>();
  return [readSince(search), (since) => merge({ since })];
}
