/** The figures of all runs: now, how they came to it, and against the same time before. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import clsx from "clsx";
import type { ReactNode } from "react";
import { queries } from "../../api/queries";
import type { RunCounts, SpanStatus } from "../../api/types";
import { bucketsOf, failureRate, percent, Sparkline, type Bucket } from "../../kit/charts";
import { Failed } from "../../kit/states";
import { count, duration } from "../../time/format";
import { Link } from "../../url/link";
import { paths } from "../../url/paths";
import type { Since } from "../function/params";
import { doubled, pointsOf, trendOf, type Trend } from "./trends";

interface Figure {
  title: string;
  value: (counts: RunCounts) => number | undefined;
  format: (value: number) => string;
  trend: typeof trendOf;
  /** That it grows is a bad sign. */
  isBadUp?: boolean;
  status?: SpanStatus;
}

const FIGURES: readonly Figure[] = [
  { title: "Started", value: (it) => it.started, format: count, trend: trendOf },
  { title: "Completed", value: (it) => it.completed, format: count, trend: trendOf, status: "COMPLETED" },
  {
    title: "Failed",
    value: (it) => it.failed,
    format: count,
    trend: trendOf,
    isBadUp: true,
    status: "FAILED",
  },
  {
    title: "Failure rate",
    value: failureRate,
    format: percent,
    trend: pointsOf,
    isBadUp: true,
    status: "FAILED",
  },
  {
    title: "Duration, p95",
    value: (it) => it.durationMs?.p95,
    format: duration,
    trend: trendOf,
    isBadUp: true,
  },
];

export function Tiles({ since }: { since: Since }) {
  const metrics = useQuery({ ...queries.metrics({ from: since }), placeholderData: keepPreviousData });
  const before = useQuery({
    ...queries.metrics({ from: doubled(since), until: since }),
    placeholderData: keepPreviousData,
  });
  if (metrics.error && !metrics.data)
    return <Failed what="The figures" error={metrics.error} retry={metrics.refetch} />;
  // A server that is younger than the time before has nothing to compare with.
  const compared = before.data && before.data.total.started > 0 ? before.data.total : undefined;
  const buckets = metrics.data ? bucketsOf(metrics.data) : [];
  return (
    <ul className="grid shrink-0 grid-cols-2 gap-3 md:grid-cols-3 xl:grid-cols-5">
      {FIGURES.map((figure) => (
        <li key={figure.title} className="max-md:last:col-span-2 max-xl:md:last:col-span-2">
          <Tile
            figure={figure}
            since={since}
            total={metrics.data?.total}
            before={compared}
            buckets={buckets}
          />
        </li>
      ))}
    </ul>
  );
}

interface TileProps {
  figure: Figure;
  since: Since;
  total: RunCounts | undefined;
  before: RunCounts | undefined;
  buckets: readonly Bucket[];
}

function Tile({ figure, since, total, before, buckets }: TileProps) {
  const { title, value, format, status } = figure;
  const now = total && value(total);
  const trend = total && figure.trend(now, before && value(before));
  const isBad = status === "FAILED" && (now ?? 0) > 0;
  const shown = total ? (now === undefined ? "–" : format(now)) : "";
  return (
    <Link
      to={paths.runs({ since, status })}
      className="block overflow-hidden rounded-lg border border-line bg-surface hover:border-line-strong/60"
    >
      <span className="flex items-baseline justify-between gap-2 px-3 pt-2">
        <span className="text-ink-soft">{title}</span>
        <Against trend={trend} isBadUp={figure.isBadUp ?? false} since={since} />
      </span>
      <span className="block h-8 px-3 text-xl leading-8 font-semibold tracking-tight">{shown}</span>
      <span aria-hidden className="block h-9">
        {total && (
          <Sparkline
            label=""
            className={isBad ? "text-bad-bar" : "text-accent"}
            values={buckets.map((bucket) => value(bucket) ?? null)}
          />
        )}
      </span>
    </Link>
  );
}

function Against({
  trend,
  isBadUp,
  since,
}: {
  trend: Trend | undefined;
  isBadUp: boolean;
  since: Since;
}): ReactNode {
  if (!trend) return null;
  const tone =
    !isBadUp || trend.direction === "same" ? "" : trend.direction === "up" ? "text-bad" : "text-ok";
  return (
    <span
      className={clsx("truncate text-xs", tone || "text-ink-faint")}
      title={`Against the ${since} before`}
    >
      {trend.words}
    </span>
  );
}
