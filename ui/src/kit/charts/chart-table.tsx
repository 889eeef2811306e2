/** What a chart shows, as a table: for those who do not see it, and for who wants the numbers. */
import { serverClock } from "../../time/clock";
import { clockTime } from "../../time/format";
import { useZone, zoneName } from "../../time/zone";
import { rowsOf, type Series, type Span } from "./series";

interface Props {
  title: string;
  spans: readonly Span[];
  series: readonly Series[];
  height: number;
  format: (value: number) => string;
}

export function ChartTable({ title, spans, series, height, format }: Props) {
  const [zone] = useZone();
  const rows = rowsOf(spans, series);
  const now = serverClock.now();
  if (rows.length === 0)
    return (
      <p className="px-3 py-2.5 text-ink-soft" style={{ height }}>
        Nothing happened in this time.
      </p>
    );
  return (
    <div
      className="overflow-auto"
      style={{ height }}
      tabIndex={0}
      role="region"
      aria-label={`${title}, table`}
    >
      <table className="w-full">
        <thead className="sticky top-0 bg-surface text-xs text-ink-soft shadow-[inset_0_-1px_0_var(--line)]">
          <tr>
            <th scope="col" className="px-3 py-1 text-left font-medium">
              From, {zoneName(zone, now)}
            </th>
            {series.map((it) => (
              <th key={it.title} scope="col" className="px-3 py-1 text-right font-medium">
                {it.title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody className="divide-y divide-line">
          {rows.map(({ start, values }) => (
            <tr key={start}>
              <td className="px-3 py-1 whitespace-nowrap text-ink-soft">
                <time dateTime={new Date(start).toISOString()}>
                  {clockTime(start, now, { utc: zone === "utc" }).replace(/:00$/, "")}
                </time>
              </td>
              {values.map((value, i) => (
                <td key={i} className="px-3 py-1 text-right">
                  {value === null ? "–" : format(value)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
