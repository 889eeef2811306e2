/** How a function, or an app, did over time: how its runs ended, how many failed, how long they took. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { queries } from "../../api/queries";
import type { RunMetrics } from "../../api/types";
import { failureRate, percent, runSeries, TimeChart } from "../../kit/charts";
import { Failed } from "../../kit/states";
import { duration } from "../../time/format";
import type { Since } from "./params";
import { useShowRuns } from "./show-runs";

/** A rate of failures below it looks small. */
const RATE_SHOWN = 0.1;

interface Props {
  of: { appId: string; functionId?: string };
  /** The filter of the list of runs that is the same. */
  runs: { appId?: string; functionId?: string };
  since: Since;
}

export function RunCharts({ of, runs, since }: Props) {
  const metrics = useQuery({ ...queries.metrics({ ...of, from: since }), placeholderData: keepPreviousData });
  const { data } = metrics;
  const series = useMemo(() => runSeries(data), [data]);
  const onRange = useShowRuns(runs);
  if (metrics.error && !data)
    return <Failed what="The charts" error={metrics.error} retry={metrics.refetch} />;
  const common = { spans: data && series.spans, height: 140, syncKey: "runs", onRange };
  const rate = data && failureRate(data.total);
  return (
    <div className="grid shrink-0 gap-3 lg:grid-cols-2 xl:grid-cols-3">
      <TimeChart {...common} title="Runs that ended" look="bars" series={series.ends} />
      <TimeChart
        {...common}
        title="Failure rate"
        look="lines"
        series={series.rate}
        format={percent}
        summary={() => (rate === undefined ? "–" : percent(rate))}
        most={RATE_SHOWN}
      />
      <TimeChart
        {...common}
        className="lg:max-xl:col-span-2"
        title="Duration"
        look="lines"
        series={series.durations}
        isLog
        format={duration}
        summary={({ title }) => spreadWords(data?.total, title)}
      />
    </div>
  );
}

function spreadWords(total: RunMetrics["total"] | undefined, title: string): string {
  const value = total?.durationMs?.[title === "p50" ? "p50" : "p95"];
  return value === undefined ? "–" : duration(value);
}
