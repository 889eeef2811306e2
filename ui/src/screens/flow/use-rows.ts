/** The rows of the list, as they are now, in an order that stays while somebody goes through it. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { queries } from "../../api/queries";
import { useRefetchOn } from "../../live/hooks";
import { byNeed, rowOf, steady, type FlowRow } from "./rows";

/** What is told of flow says only that something changed. */
const REFETCH_MS = 1500;

/** Of functions that are not archived; nothing until they are there. */
export function useFlowRows(): {
  rows: readonly FlowRow[] | undefined;
  error: Error | null;
  retry: () => void;
} {
  const functions = useQuery(queries.functions());
  const flows = useQuery(queries.flows());
  useRefetchOn("flow", [["flow"]], REFETCH_MS);
  const known = functions.data?.filter((fn) => fn.isArchived !== true);
  return {
    rows:
      known && flows.data && known.map((fn) => rowOf(fn, flows.data.bySlug.get(fn.slug), flows.data.readAt)),
    error: functions.error ?? flows.error,
    retry: () => void Promise.all([functions.refetch(), flows.refetch()]),
  };
}

/** By need, unless somebody is at the rows: then they stay where they are. */
export function useSteadyOrder(rows: readonly FlowRow[], isHeld: boolean): readonly FlowRow[] {
  const [order, setOrder] = useState<readonly string[]>([]);
  const wanted = rows.toSorted(byNeed).map((row) => row.fn.slug);
  const next = isHeld ? steady(order, wanted) : wanted;
  if (next.join("\n") !== order.join("\n")) setOrder(next);
  const bySlug = new Map(rows.map((row) => [row.fn.slug, row]));
  return next.flatMap((slug) => bySlug.get(slug) ?? []);
}
