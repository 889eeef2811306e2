/** What happened to runs over time: of all, of an app, or of a function. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { ListTree } from "lucide-react";
import { useMemo } from "react";
import { queries } from "../../api/queries";
import type { Function, RunMetrics } from "../../api/types";
import { bucketsOf, failureRate, percent, TimeChart } from "../../kit/charts";
import { Select } from "../../kit/fields";
import { Heading, Panel } from "../../kit/panel";
import { useRowKeys } from "../../kit/row-keys";
import { Failed } from "../../kit/states";
import { useRefetchOn } from "../../live/hooks";
import { serverClock } from "../../time/clock";
import { duration } from "../../time/format";
import { Link } from "../../url/link";
import { paths } from "../../url/paths";
import { compact } from "../../url/search";
import { FunctionTable } from "./function-table";
import { metricsParams, paramsBefore, SINCE_DEFAULT, useMetricsView, type MetricsView } from "./params";
import { DELAYS, DURATIONS, ENDS, RATE, seriesOf, spreadPart, STARTS } from "./series";
import { TimeBar } from "./time-bar";
import { Totals } from "./totals";

const HEIGHT = 180;
/** A rate of failures below it looks small. */
const RATE_SHOWN = 0.1;
/** What is told of runs is summed up so often. */
const REFETCH_MS = 5_000;

export function MetricsScreen() {
  const [view, change] = useMetricsView();
  const functions = useQuery(queries.functions()).data ?? [];
  const query = queries.metrics(metricsParams(view));
  const metrics = useQuery({ ...query, placeholderData: keepPreviousData });
  const before = useQuery({
    ...queries.metrics(paramsBefore(view, wholeMinute())),
    placeholderData: keepPreviousData,
  });
  const isOver = view.until !== undefined;
  useRefetchOn(isOver ? undefined : "runs", [[...query.queryKey]], REFETCH_MS);
  const area = useRowKeys<HTMLDivElement>("Metrics");
  const isOfOne = view.function !== undefined;
  const shown = functions.filter((fn) => view.app === undefined || fn.app.id === view.app);
  return (
    <div ref={area} className="flex flex-col gap-3">
      <Heading title="Metrics">
        <Link
          to={paths.runs(runsSearch(view))}
          className="inline-flex h-7 items-center gap-1.5 rounded-md border border-line-strong/50 bg-raised px-2.5 hover:bg-sunken"
        >
          <ListTree aria-hidden className="size-3.5" />
          Open these runs
        </Link>
      </Heading>
      <div role="search" aria-label="Metrics" className="flex flex-wrap gap-2">
        <OfSelect view={view} functions={functions} onChange={change} />
        <TimeBar view={view} onChange={change} />
      </div>
      {metrics.error && !metrics.data ? (
        <Panel>
          <Failed what="The metrics" error={metrics.error} retry={metrics.refetch} />
        </Panel>
      ) : (
        <>
          <Totals now={metrics.data?.total} before={before.data?.total} />
          <Charts metrics={metrics.data} view={view} onChange={change} />
          {!isOfOne && shown.length > 0 && <FunctionTable functions={shown} view={view} />}
        </>
      )}
    </div>
  );
}

interface ChartsProps {
  metrics: RunMetrics | undefined;
  view: MetricsView;
  onChange: (view: MetricsView) => void;
}

function Charts({ metrics, view, onChange }: ChartsProps) {
  const buckets = useMemo(() => metrics && bucketsOf(metrics), [metrics]);
  const total = metrics?.total;
  const rate = total && failureRate(total);
  const { function: slug, app } = view;
  const common = {
    spans: buckets,
    height: HEIGHT,
    syncKey: "metrics",
    onRange: (from: number, until: number) =>
      onChange({
        ...compact({ function: slug, app }),
        from: new Date(from).toISOString(),
        until: new Date(until).toISOString(),
      }),
  };
  const part = (of: "durationMs" | "queueDelayMs") => (series: { title: string }) => {
    const value = spreadPart(total?.[of], series.title);
    return value === undefined ? "–" : duration(value);
  };
  return (
    <div className="grid shrink-0 gap-3 xl:grid-cols-2">
      <TimeChart
        {...common}
        className="xl:col-span-2"
        title="How runs ended"
        look="bars"
        series={seriesOf(ENDS, buckets)}
      />
      <TimeChart
        {...common}
        title="Failure rate"
        look="lines"
        series={seriesOf(RATE, buckets)}
        format={percent}
        summary={() => (rate === undefined ? "–" : percent(rate))}
        most={RATE_SHOWN}
      />
      <TimeChart
        {...common}
        title="Runs that were queued and started"
        look="lines"
        series={seriesOf(STARTS, buckets)}
      />
      <TimeChart
        {...common}
        title="Duration, logarithmic"
        look="lines"
        series={seriesOf(DURATIONS, buckets)}
        format={duration}
        isLog
        summary={part("durationMs")}
      />
      <TimeChart
        {...common}
        title="Time queued, logarithmic"
        look="lines"
        series={seriesOf(DELAYS, buckets)}
        format={duration}
        isLog
        summary={part("queueDelayMs")}
      />
    </div>
  );
}

interface OfProps {
  view: MetricsView;
  functions: readonly Function[];
  onChange: (view: MetricsView) => void;
}

/** Everything, an app, or a function: their values differ by what is before the colon. */
function OfSelect({ view, functions, onChange }: OfProps) {
  const { function: slug, app, ...time } = view;
  const apps = [...new Set(functions.map((fn) => fn.app.id))].sort();
  const value = slug !== undefined ? `fn:${slug}` : app !== undefined ? `app:${app}` : "";
  const isKnown =
    value === "" || apps.includes(app ?? "") || functions.some((fn) => fn.slug === (slug ?? ""));
  const pick = (next: string) => {
    if (next.startsWith("fn:")) onChange({ ...time, function: next.slice(3) });
    else if (next.startsWith("app:")) onChange({ ...time, app: next.slice(4) });
    else onChange(time);
  };
  return (
    <Select
      aria-label="Of"
      className="max-w-64 min-w-0"
      value={value}
      onChange={({ target }) => pick(target.value)}
    >
      <option value="">All functions</option>
      {!isKnown && <option value={value}>{slug ?? app}</option>}
      {apps.map((it) => (
        <optgroup key={it} label={it}>
          <option value={`app:${it}`}>All of {it}</option>
          {functions
            .filter((fn) => fn.app.id === it)
            .toSorted((a, b) => (a.name || a.id).localeCompare(b.name || b.id))
            .map((fn) => (
              <option key={fn.slug} value={`fn:${fn.slug}`}>
                {fn.name || fn.id}
              </option>
            ))}
        </optgroup>
      ))}
    </Select>
  );
}

/** As the list of runs takes it. */
function runsSearch({ function: slug, app, since, from, until }: MetricsView) {
  return compact({
    functionId: slug,
    appId: slug === undefined ? app : undefined,
    since: from === undefined ? (since ?? SINCE_DEFAULT) : undefined,
    from,
    until,
  });
}

/** So that what is asked for does not change all the time. */
function wholeMinute(): number {
  return Math.floor(serverClock.now() / 60_000) * 60_000;
}
