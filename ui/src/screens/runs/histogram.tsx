/** How the runs that are listed ended, over time. Dragging over a part of it shows the runs of that time. */
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { queries } from "../../api/queries";
import { bucketsOf, TimeChart, type Series } from "../../kit/charts";
import type { Params } from "../../api/client";
import { useRefetchOn } from "../../live/hooks";
import { compact } from "../../url/search";
import type { RunFilter } from "./params";

/** A bar grows by a pixel. */
const REFETCH_MS = 5000;

const ENDS = [
  { status: "FAILED", title: "Failed", token: "bad-bar", count: "failed" },
  { status: "CANCELLED", title: "Cancelled", token: "off-bar", count: "cancelled" },
  { status: "COMPLETED", title: "Completed", token: "ok-bar", count: "completed" },
] as const;

/** Rollups are kept by function: of other filters they know nothing. */
export function rollupParams(filter: RunFilter): Params | undefined {
  const { status, appId = [], functionId = [], since, from, until } = filter;
  const { key, errorGroup, operation, eventName, isDeferred, attributes, search } = filter;
  const others = [key, errorGroup, operation, eventName, isDeferred, attributes, search];
  const isOfMany = appId.length > 1 || functionId.length > 1;
  const hasEnds = status === undefined || ENDS.some((end) => status.includes(end.status));
  if (others.some((it) => it !== undefined) || isOfMany || !hasEnds) return undefined;
  // Until a time, they would begin a day before.
  if (until !== undefined && from === undefined) return undefined;
  return compact({ appId: appId[0], functionId: functionId[0], from: from ?? since, until });
}

interface Props {
  filter: RunFilter;
  params: Params;
  onRange: (range: { from: string; until: string }) => void;
}

export function Histogram({ filter, params, onRange }: Props) {
  const query = queries.metrics(params);
  const metrics = useQuery(query);
  useRefetchOn("runs", [query.queryKey], REFETCH_MS);
  const { data } = metrics;
  const { status } = filter;
  const buckets = useMemo(() => (data ? bucketsOf(data) : undefined), [data]);
  const series = useMemo(
    () =>
      ENDS.filter((end) => status === undefined || status.includes(end.status)).map(
        ({ title, token, count }): Series => ({
          title,
          token,
          values: buckets?.map((bucket) => bucket[count]) ?? [],
        }),
      ),
    [buckets, status],
  );
  if (metrics.error && !data)
    return (
      <p role="alert" className="rounded-lg bg-bad-soft px-3 py-2 text-bad">
        How runs ended could not be loaded: {metrics.error.message}
      </p>
    );
  return (
    <TimeChart
      className="shrink-0"
      title={filter.since || filter.from ? "How runs ended" : "How runs ended, last 24 h"}
      spans={buckets}
      series={series}
      look="bars"
      height={84}
      onRange={(from, until) =>
        onRange({ from: new Date(from).toISOString(), until: new Date(until).toISOString() })
      }
    />
  );
}
