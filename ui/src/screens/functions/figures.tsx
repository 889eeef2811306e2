/** Cells of a row: how a function did in a day, and what of it waits now. */
import clsx from "clsx";
import type { ReactNode } from "react";
import type { Function } from "../../api/types";
import { bucketsOf, failureRate, percent, Sparkbars } from "../../kit/charts";
import { count, duration } from "../../time/format";
import { Link } from "../../url/link";
import { paths } from "../../url/paths";
import type { Figures } from "./use-figures";

const LINK = "inline-flex min-h-6 items-center hover:underline";

export function FigureCells({ fn, figures, cell }: { fn: Function; figures: Figures; cell: string }) {
  const { day, flow } = figures;
  const name = fn.name || fn.id;
  const rate = day && failureRate(day.total);
  const runs = day?.total.scheduled ?? 0;
  const failed = day?.total.failed ?? 0;
  const backlog = flow?.backlog ?? 0;
  const filter = { functionId: fn.slug, since: "24h" };
  const cells: { className?: string; content: ReactNode }[] = [
    {
      content: !day ? (
        LOADING
      ) : runs === 0 ? (
        <span className="text-ink-faint">0</span>
      ) : (
        <Link to={paths.runs(filter)} className={LINK} aria-label={`${runs} runs of ${name}`}>
          {count(runs)}
        </Link>
      ),
    },
    {
      content:
        day &&
        (rate === undefined ? (
          NONE
        ) : failed > 0 ? (
          <Link
            to={paths.runs({ ...filter, status: "FAILED" })}
            className={clsx(LINK, "font-medium text-bad")}
            aria-label={`${percent(rate)}: ${failed} runs of ${name} failed`}
          >
            {percent(rate)}
          </Link>
        ) : (
          percent(rate)
        )),
    },
    { className: "max-xl:hidden", content: day && time(day.total.durationMs?.p50) },
    { className: "max-lg:hidden", content: day && time(day.total.durationMs?.p95) },
    {
      className: "max-lg:hidden",
      content:
        backlog > 0 ? (
          <Link
            to={paths.flow({ function: fn.slug })}
            className={clsx(LINK, "font-medium text-wait")}
            aria-label={`${backlog} calls of ${name} wait`}
          >
            {count(backlog)}
          </Link>
        ) : (
          NONE
        ),
    },
  ];
  return (
    <>
      {cells.map(({ className = "", content }, i) => (
        <td key={i} className={`${cell} text-right whitespace-nowrap ${className}`}>
          {content}
        </td>
      ))}
      <td className={`${cell} max-lg:hidden`}>
        {day && (
          <Sparkbars
            bars={bucketsOf(day).map(({ scheduled, completed, failed: bad, cancelled }) => ({
              total: Math.max(scheduled, completed + bad + cancelled),
              bad,
            }))}
            label={`Runs by hour: ${runs} in 24 hours, ${failed} failed`}
          />
        )}
      </td>
    </>
  );
}

const NONE = <span className="text-ink-faint">–</span>;
const LOADING = (
  <span aria-hidden className="text-ink-faint">
    …
  </span>
);

function time(ms: number | undefined): ReactNode {
  return ms === undefined ? NONE : duration(ms);
}
