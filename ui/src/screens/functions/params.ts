/** What the URL says of the list of functions: the text that they are to fit, and whether those that are gone are shown. */
import { useUrlSearch } from "../../url/navigation";
import { compact, one } from "../../url/search";
import type { FunctionsSearch } from "../../url/searches";

export interface FunctionFilter {
  q?: string;
  archived?: "yes";
}

export function useFilter(): [FunctionFilter, (filter: FunctionFilter) => void] {
  const { search, replace } = useUrlSearch<FunctionsSearch>();
  const filter = compact({
    q: one(search["q"]),
    archived: one(search["archived"]) === "yes" ? ("yes" as const) : undefined,
  });
  return [filter, replace];
}
