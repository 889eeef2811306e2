/** What the URL says of the list of functions: the text that they are to fit, and whether those that are gone are shown. */
import { useNavigate, useSearch } from "@tanstack/react-router";
import { compact, one, type Search } from "../../url/search";

export interface FunctionFilter {
  q?: string;
  archived?: "yes";
}

export function useFilter(): [FunctionFilter, (filter: FunctionFilter) => void] {
  const search: Search = useSearch({ strict: false });
  const navigate = useNavigate();
  const filter = compact({
    q: one(search["q"]),
    archived: one(search["archived"]) === "yes" ? ("yes" as const) : undefined,
  });
  const change = (next: FunctionFilter) => void navigate({ to: ".", search: next, replace: true } as never);
  return [filter, change];
}
