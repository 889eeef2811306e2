/** How a function, or an app, did over time: how its runs ended, how many failed, how long they took. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useMemo } from "react";
import { queries } from "../../api/queries";
import type { RunMetrics } from "../../api/types";
import { bucketsOf, failureRate, percent, TimeChart, type Series } from "../../kit/charts";
import { Failed } from "../../kit/states";
import { duration } from "../../time/format";
import { paths } from "../../url/paths";
import type { Since } from "./params";

/** A rate of failures below it looks small. */
const RATE_SHOWN = 0.1;

interface Props {
  of: { appId?: string; functionId?: string };
  since: Since;
}

export function RunCharts({ of, since }: Props) {
  const metrics = useQuery({ ...queries.metrics({ ...of, from: since }), placeholderData: keepPreviousData });
  const drawn = useMemo(() => metrics.data && drawingOf(metrics.data), [metrics.data]);
  const navigate = useNavigate();
  const showRuns = (from: number, until: number) =>
    void navigate({
      to: paths.runs(),
      search: {
        ...of,
        from: new Date(from).toISOString(),
        until: new Date(until).toISOString(),
      },
    } as never);
  if (metrics.error && !metrics.data)
    return <Failed what="The charts" error={metrics.error} retry={metrics.refetch} />;
  const common = { spans: drawn?.spans, height: 140, syncKey: "runs", onRange: showRuns };
  const total = metrics.data?.total;
  const rate = total && failureRate(total);
  return (
    <div className="grid shrink-0 gap-3 lg:grid-cols-2 xl:grid-cols-3">
      <TimeChart {...common} title="Runs that ended" look="bars" series={drawn?.ends ?? ENDS} />
      <TimeChart
        {...common}
        title="Failure rate"
        look="lines"
        series={drawn?.rate ?? RATE}
        format={percent}
        summary={() => (rate === undefined ? "–" : percent(rate))}
        most={RATE_SHOWN}
      />
      <TimeChart
        {...common}
        className="lg:max-xl:col-span-2"
        title="Duration"
        look="lines"
        series={drawn?.durations ?? DURATIONS}
        format={duration}
        summary={({ title }) => spreadWords(total, title)}
      />
    </div>
  );
}

const ENDS: Series[] = [
  { title: "Failed", token: "bad-bar", values: [] },
  { title: "Completed", token: "ok-bar", values: [] },
  { title: "Cancelled", token: "off-bar", values: [] },
];
const RATE: Series[] = [{ title: "Failed", token: "bad-bar", values: [] }];
const DURATIONS: Series[] = [
  { title: "p50", token: "accent", values: [] },
  { title: "p95", token: "wait-bar", values: [] },
];

function drawingOf(metrics: RunMetrics) {
  const buckets = bucketsOf(metrics);
  const with_ = (series: Series[], values: ((bucket: (typeof buckets)[number]) => number | null)[]) =>
    series.map((it, i) => ({ ...it, values: buckets.map((bucket) => values[i]?.(bucket) ?? null) }));
  return {
    spans: buckets,
    ends: with_(ENDS, [(it) => it.failed, (it) => it.completed, (it) => it.cancelled]),
    rate: with_(RATE, [(it) => failureRate(it) ?? null]),
    durations: with_(DURATIONS, [(it) => it.durationMs?.p50 ?? null, (it) => it.durationMs?.p95 ?? null]),
  };
}

function spreadWords(total: RunMetrics["total"] | undefined, title: string): string {
  const value = total?.durationMs?.[title === "p50" ? "p50" : "p95"];
  return value === undefined ? "–" : duration(value);
}
