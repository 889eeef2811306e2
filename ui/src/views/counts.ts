/** How many there are of what the views show: of two requests, however many views there are. */
import { useQuery } from "@tanstack/react-query";
import { queries } from "../api/queries";
import { useFreshMetrics } from "../screens/functions/live";
import { useRefetchOn } from "../live/hooks";

export type CountName = "failed" | "cancelled" | "skipped" | "waiting" | "paused";
export type Counts = Partial<Record<CountName, number>>;

const FLOW_MS = 2000;

/** They are kept current while they are in sight. */
export function useCounts(): Counts {
  const total = useQuery(queries.metrics({ from: "24h" })).data?.total;
  const flows = useQuery(queries.flows()).data;
  useFreshMetrics();
  useRefetchOn("flow", [["flow"]], FLOW_MS);
  const all = flows && [...flows.bySlug.values()];
  return {
    ...(total && { failed: total.failed, cancelled: total.cancelled, skipped: total.skipped }),
    ...(all && {
      waiting: all.reduce((sum, { backlog = 0 }) => sum + backlog, 0),
      paused: all.filter(({ pause }) => pause !== undefined).length,
    }),
  };
}
