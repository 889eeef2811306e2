/** What the URL says of the list of errors: which groups are shown. Without a word those that are open. */
import type { Params } from "../../api/client";
import { useUrlSearch } from "../../url/navigation";
import { compact, one, type Search } from "../../url/search";
import type { ErrorsSearch } from "../../url/searches";

export const SHOWN = ["open", "resolved", "ignored", "all"] as const;
export type Shown = (typeof SHOWN)[number];

export interface ErrorFilter {
  status: Shown;
  /** The slug of a function. */
  function?: string;
}

export function readFilter(search: Search): ErrorFilter {
  const status = one(search["status"]);
  return {
    status: SHOWN.find((word) => word === status) ?? "open",
    ...compact({ function: one(search["function"]) }),
  };
}

/** As the URL has it: what goes without saying is left out. */
export function writeFilter({ status, function: slug }: ErrorFilter): ErrorsSearch {
  return { status: status === "open" ? undefined : status, function: slug };
}

/** As the API takes it. */
export function filterParams({ status, function: slug }: ErrorFilter): Params {
  return compact({ status: status === "all" ? undefined : status, functionId: slug });
}

export function useErrorFilter(): [ErrorFilter, (filter: ErrorFilter) => void] {
  const { search, set } = useUrlSearch<ErrorsSearch>();
  return [readFilter(search), (filter) => set(writeFilter(filter))];
}
