/**
 * A chart over time with its name, a legend that tells the values under the pointer, and its table. The height is known
 * from the start: nothing moves when data or code come.
 */
import { ChartColumn, ClipboardCopy, Table2 } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { serverClock } from "../../time/clock";
import { clockTime, count } from "../../time/format";
import { useZone, zoneName } from "../../time/zone";
import { Button } from "../button";
import { copy } from "../copy";
import { Panel } from "../panel";
import { ChartTable } from "./chart-table";
import { csvOf, sumOf, type Series, type Span } from "./series";

const LazyPlot = lazy(async () => ({ default: (await import("./plot")).Plot }));

/** Bars count: there is no half of a run. */
const COUNT_STEPS = Array.from({ length: 12 }, (_, i) => [1, 2, 5].map((it) => it * 10 ** i)).flat();

interface Props {
  title: string;
  /** One per value; none while they are being read. */
  spans: readonly Span[] | undefined;
  series: readonly Series[];
  /** Bars are stacked. */
  look: "bars" | "lines";
  format?: (value: number) => string;
  /** What stands in the legend while nothing is pointed at; the sum without it. */
  summary?: (series: Series) => string;
  height?: number;
  /** The least that the axis reaches to: 1 for a rate. */
  most?: number;
  /** Where the axis may be marked. */
  steps?: readonly number[];
  /** For durations of very different lengths. */
  isLog?: boolean;
  syncKey?: string;
  /** Something was dragged over: Unix milliseconds. */
  onRange?: (from: number, until: number) => void;
  className?: string;
}

export function TimeChart({
  title,
  spans,
  series,
  look,
  format = count,
  summary = (it) => format(sumOf(it.values)),
  height = 160,
  most,
  steps = look === "bars" ? COUNT_STEPS : undefined,
  isLog = false,
  syncKey,
  onRange,
  className = "",
}: Props) {
  const [isTable, setTable] = useState(false);
  const [hovered, setHovered] = useState<number>();
  const [zone] = useZone();
  const isUtc = zone === "utc";
  const at = isTable || hovered === undefined ? undefined : spans?.[hovered];
  return (
    <Panel
      className={className}
      title={title}
      actions={
        <>
          <Button
            look="ghost"
            className="h-6"
            aria-label={`${title}: copy as CSV`}
            hint="Copy as CSV"
            icon={<ClipboardCopy aria-hidden className="size-3.5" />}
            disabled={!spans}
            onClick={() => void copy(csvOf(spans ?? [], series), "CSV")}
          />
          <Button
            look="ghost"
            className="h-6"
            aria-label={`${title}: ${isTable ? "show the chart" : "show as a table"}`}
            hint={isTable ? "Show the chart" : "Show as a table"}
            icon={
              isTable ? (
                <ChartColumn aria-hidden className="size-3.5" />
              ) : (
                <Table2 aria-hidden className="size-3.5" />
              )
            }
            onClick={() => setTable(!isTable)}
          />
        </>
      }
    >
      <ul className="flex min-h-8 flex-wrap items-center gap-x-4 px-3 pt-1 text-xs text-ink-soft">
        {series.map((it) => (
          <li key={it.title} className="flex items-center gap-1.5">
            <span aria-hidden className="size-2 rounded-xs" style={{ background: `var(--${it.token})` }} />
            {it.title}
            <span className="text-ink">
              {spans ? (at ? told(it.values[hovered ?? 0], format) : summary(it)) : ""}
            </span>
          </li>
        ))}
        <li className="ml-auto whitespace-nowrap">{at && <When span={at} />}</li>
      </ul>
      {isTable && spans ? (
        <ChartTable title={title} spans={spans} series={series} height={height} format={format} />
      ) : (
        <div
          role="img"
          aria-label={`${title}: ${series.map((it) => `${it.title} ${spans ? summary(it) : ""}`).join(", ")}`}
          className="px-1 pb-1"
          style={{ height }}
        >
          {spans && (
            <Suspense>
              <LazyPlot
                spans={spans}
                series={series}
                look={look}
                height={height - 4}
                isUtc={isUtc}
                format={format}
                most={most}
                steps={steps}
                isLog={isLog}
                syncKey={syncKey}
                onHover={setHovered}
                onRange={onRange}
              />
            </Suspense>
          )}
        </div>
      )}
    </Panel>
  );
}

function told(value: number | null | undefined, format: (value: number) => string): string {
  return value === null || value === undefined ? "–" : format(value);
}

function When({ span }: { span: Span }) {
  const [zone] = useZone();
  const time = (at: number) => clockTime(at, serverClock.now(), { utc: zone === "utc" }).replace(/:00$/, "");
  return (
    <>
      {time(span.start)} – {time(span.end).slice(-5)} {zoneName(zone, span.start)}
    </>
  );
}
