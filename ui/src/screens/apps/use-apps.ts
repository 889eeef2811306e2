/** The apps that there are, kept as they are now. */
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { queries } from "../../api/queries";
import { useRefetchOn } from "../../live/hooks";
import { appRows, type AppRow } from "./rows";

/** What waits changes all the time, how apps answer does not. */
const FLOW_MS = 5_000;

export interface Apps {
  rows: AppRow[] | undefined;
  error: Error | null;
  refetch: () => unknown;
}

export function useApps(): Apps {
  const apps = useInfiniteQuery(queries.apps());
  const dev = useQuery({ ...queries.dev(), refetchOnWindowFocus: true });
  useRefetchOn("apps", [["apps"], ["dev"]]);
  // That an app answers no more is not told of; its calls are tried again then, and that is.
  useRefetchOn("flow", [["dev"], ["apps"]], FLOW_MS);
  const items = apps.data?.pages.flatMap((page) => page.items);
  // How they answer is an addition: without it, they are still there.
  const isKnown = dev.data !== undefined || dev.error !== null;
  return {
    rows: items && isKnown ? appRows(items, dev.data?.apps ?? []) : undefined,
    error: apps.error,
    refetch: apps.refetch,
  };
}
