/** How functions did in a day, and what waits now: one request for each, however many functions there are. */
import { useQuery } from "@tanstack/react-query";
import { queries } from "../../api/queries";
import type { FlowSummary, RunCounts, RunMetrics } from "../../api/types";
import { useRefetchOn } from "../../live/hooks";

/** So many functions can be told of hour by hour in one answer; of more, the server chooses how fine it is. */
const BY_HOUR_MAX = 400;
/** What waits changes all the time. */
const FLOW_MS = 2000;

export interface Figures {
  /** Of the last 24 hours; nothing while it is read. */
  day: (Pick<RunMetrics, "bucket" | "from" | "until" | "buckets"> & { total: RunCounts }) | undefined;
  flow: FlowSummary | undefined;
}

const NONE: RunCounts = { scheduled: 0, started: 0, completed: 0, failed: 0, cancelled: 0, skipped: 0 };

/** Of all functions, or of those of an app. */
export function useFigures(app: string | undefined, count: number) {
  const metrics = useQuery(
    queries.metrics({ groupBy: "function", appId: app, bucket: count <= BY_HOUR_MAX ? "1h" : undefined }),
  );
  const flows = useQuery(queries.flows());
  useRefetchOn("flow", [["flow"]], FLOW_MS);
  const bySlug = new Map(metrics.data?.functions?.map((it) => [it.functionSlug, it]));
  return {
    error: metrics.error ?? flows.error,
    refetch: () => Promise.all([metrics.refetch(), flows.refetch()]),
    of: (slug: string): Figures => ({
      day: metrics.data && { ...metrics.data, buckets: [], total: NONE, ...bySlug.get(slug) },
      flow: flows.data?.bySlug.get(slug),
    }),
  };
}
