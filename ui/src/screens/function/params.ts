/** What the URL says of a function: which, and of which time its charts are. */
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { one, type Search } from "../../url/search";

export interface FunctionName {
  app: string;
  id: string;
}

export function useFunctionName(): FunctionName {
  const { app, function: id } = useParams({ strict: false }) as { app?: string; function?: string };
  return { app: app ?? "", id: id ?? "" };
}

/** How far back charts reach. */
export const SINCE = ["1h", "24h", "7d", "30d"] as const;
export type Since = (typeof SINCE)[number];

export function readSince(search: Search): Since {
  return SINCE.find((it) => it === one(search["since"])) ?? "24h";
}

export function useSince(): [Since, (since: Since) => void] {
  const search: Search = useSearch({ strict: false });
  const navigate = useNavigate();
  const show = (since: Since) =>
    void navigate({ to: ".", search: (before: Search) => ({ ...before, since }), replace: true } as never);
  return [readSince(search), show];
}
