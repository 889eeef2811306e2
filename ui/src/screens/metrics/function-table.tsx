/** The functions in the time that is shown: how many runs, how many failed, how long they took. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { queries } from "../../api/queries";
import type { Function, FunctionMetrics, RunMetrics } from "../../api/types";
import { Button } from "../../kit/button";
import { failureRate, percent, Sparkbars } from "../../kit/charts";
import { Panel } from "../../kit/panel";
import { Failed } from "../../kit/states";
import { Cell, Head, ROW, TableHead } from "../../kit/table";
import { useRefetchOn } from "../../live/hooks";
import { count, duration } from "../../time/format";
import { Link } from "../../url/link";
import { paths } from "../../url/paths";
import { metricsParams, writeView, type MetricsView } from "./params";
import { barsOf } from "./series";

/** The others are shown if that is asked for. */
const SHOWN = 25;
const REFETCH_MS = 30_000;

interface Props {
  functions: readonly Function[];
  view: MetricsView;
}

export function FunctionTable({ functions, view }: Props) {
  const [isAll, setAll] = useState(false);
  const query = queries.metrics({ ...metricsParams(view), groupBy: "function" });
  const metrics = useQuery({ ...query, placeholderData: keepPreviousData });
  useRefetchOn(view.until === undefined ? "runs" : undefined, [query.queryKey], REFETCH_MS);
  const bySlug = new Map(metrics.data?.functions?.map((it) => [it.functionSlug, it]));
  const all = functions.map((fn) => ({ fn, metrics: bySlug.get(fn.slug) }));
  // Those that most runs failed of come first, then those with most runs.
  const sorted = all.toSorted(
    (a, b) =>
      (b.metrics?.total.failed ?? 0) - (a.metrics?.total.failed ?? 0) ||
      (b.metrics?.total.started ?? 0) - (a.metrics?.total.started ?? 0) ||
      nameOf(a.fn).localeCompare(nameOf(b.fn)),
  );
  const rows = isAll ? sorted : sorted.slice(0, SHOWN);
  if (metrics.error && !metrics.data)
    return (
      <Panel>
        <Failed what="The metrics by function" error={metrics.error} retry={metrics.refetch} />
      </Panel>
    );
  return (
    <Panel title="By function" className="shrink-0">
      <table className="w-full table-fixed">
        <colgroup>
          <col />
          <col className="w-36 max-lg:hidden" />
          <col className="w-24 max-sm:w-16" />
          <col className="w-20 max-sm:w-16" />
          <col className="w-28 max-lg:hidden" />
          <col className="w-28 max-xl:hidden" />
          <col className="w-28 max-sm:w-20" />
          <col className="w-32 max-xl:hidden" />
        </colgroup>
        <TableHead>
          <Head>Function</Head>
          <Head className="max-lg:hidden">Runs over time</Head>
          <Head isNumber>Started</Head>
          <Head isNumber>Failed</Head>
          <Head isNumber className="max-lg:hidden">
            Failure rate
          </Head>
          <Head isNumber className="max-xl:hidden">
            p50
          </Head>
          <Head isNumber>p95</Head>
          <Head isNumber className="max-xl:hidden">
            Queued, p95
          </Head>
        </TableHead>
        <tbody className="divide-y divide-line">
          {rows.map((row) => (
            <Row key={row.fn.slug} {...row} whole={metrics.data} view={view} />
          ))}
        </tbody>
      </table>
      {!isAll && sorted.length > SHOWN && (
        <Button look="ghost" className="m-2 self-start" onClick={() => setAll(true)}>
          All {sorted.length.toLocaleString("en-US")} functions
        </Button>
      )}
    </Panel>
  );
}

interface RowProps {
  fn: Function;
  /** Nothing if nothing happened to its runs. */
  metrics: FunctionMetrics | undefined;
  /** What all of them are part of; nothing while it is read. */
  whole: RunMetrics | undefined;
  view: MetricsView;
}

function Row({ fn, metrics, whole, view }: RowProps) {
  const total = metrics?.total;
  const none = whole ? "0" : NONE;
  const rate = total && failureRate(total);
  const time = (ms: number | undefined) => (ms === undefined ? NONE : duration(ms));
  return (
    <tr className={ROW}>
      <Cell title={fn.slug}>
        <Link
          data-row
          to={paths.metrics(writeView({ ...view, function: fn.slug }))}
          className="block truncate leading-6 font-medium hover:underline"
        >
          {nameOf(fn)}
        </Link>
      </Cell>
      <Cell className="max-lg:hidden">
        {metrics && whole && (
          <Sparkbars
            bars={barsOf({ ...whole, ...metrics })}
            width={112}
            label={`Runs of ${nameOf(fn)}: ${metrics.total.started} started, ${metrics.total.failed} failed`}
          />
        )}
      </Cell>
      <Cell isNumber>{total ? count(total.started) : none}</Cell>
      <Cell isNumber className={total && total.failed > 0 ? "font-medium text-bad" : ""}>
        {total ? count(total.failed) : none}
      </Cell>
      <Cell isNumber className="max-lg:hidden">
        {rate === undefined ? NONE : percent(rate)}
      </Cell>
      <Cell isNumber className="max-xl:hidden">
        {time(total?.durationMs?.p50)}
      </Cell>
      <Cell isNumber>{time(total?.durationMs?.p95)}</Cell>
      <Cell isNumber className="max-xl:hidden">
        {time(total?.queueDelayMs?.p95)}
      </Cell>
    </tr>
  );
}

const NONE = <span className="text-ink-faint">–</span>;

function nameOf(fn: Function): string {
  return fn.name || fn.id;
}
