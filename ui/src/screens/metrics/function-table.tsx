/** The functions in the time that is shown: how many runs, how many failed, how long they took. */
import { useQueries } from "@tanstack/react-query";
import { useState } from "react";
import { queries } from "../../api/queries";
import type { Function, RunMetrics } from "../../api/types";
import { Button } from "../../kit/button";
import { failureRate, percent, Sparkbars } from "../../kit/charts";
import { Panel } from "../../kit/panel";
import { Cell, Head, ROW, TableHead } from "../../kit/table";
import { useRefetchOn } from "../../live/hooks";
import { count, duration } from "../../time/format";
import { Link } from "../../url/link";
import { paths } from "../../url/paths";
import { metricsParams, writeView, type MetricsView } from "./params";
import { barsOf } from "./series";

/** Each is asked for by itself. */
const SHOWN = 25;
const REFETCH_MS = 30_000;

interface Props {
  functions: readonly Function[];
  view: MetricsView;
}

export function FunctionTable({ functions, view }: Props) {
  const [isAll, setAll] = useState(false);
  const sorted = functions.toSorted((a, b) => nameOf(a).localeCompare(nameOf(b)));
  const asked = isAll ? sorted : sorted.slice(0, SHOWN);
  const metrics = useQueries({
    queries: asked.map((fn) => queries.metrics(metricsParams({ ...view, function: fn.slug }))),
  });
  useRefetchOn(view.until === undefined ? "runs" : undefined, [["metrics"]], REFETCH_MS);
  const rows = asked.map((fn, i) => ({ fn, metrics: metrics[i]?.data }));
  // Those that most runs failed of come first, then those with most runs.
  rows.sort(
    (a, b) =>
      (b.metrics?.total.failed ?? 0) - (a.metrics?.total.failed ?? 0) ||
      (b.metrics?.total.started ?? 0) - (a.metrics?.total.started ?? 0),
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
            <Row key={row.fn.slug} {...row} view={view} />
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
  metrics: RunMetrics | undefined;
  view: MetricsView;
}

function Row({ fn, metrics, view }: RowProps) {
  const total = metrics?.total;
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
        {metrics && (
          <Sparkbars
            bars={barsOf(metrics)}
            width={112}
            label={`Runs of ${nameOf(fn)}: ${metrics.total.started} started, ${metrics.total.failed} failed`}
          />
        )}
      </Cell>
      <Cell isNumber>{total ? count(total.started) : NONE}</Cell>
      <Cell isNumber className={total && total.failed > 0 ? "font-medium text-bad" : ""}>
        {total ? count(total.failed) : NONE}
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
