/** How many runs a function had in a day, and how many of them failed: cells of a row, read once the row is seen. */
import { useQuery } from "@tanstack/react-query";
import { queries } from "../../api/queries";
import type { Function } from "../../api/types";
import { bucketsOf, failureRate, percent, Sparkbars } from "../../kit/charts";
import { count } from "../../time/format";
import { Link } from "../../url/link";
import { paths } from "../../url/paths";
import { useSeen } from "./use-seen";

/** Of the last 24 hours, hour by hour. */
export function dayOf(fn: Pick<Function, "id" | "app">) {
  return queries.metrics({ appId: fn.app.id, functionId: fn.id, bucket: "1h" });
}

export function Volume({ fn, cell }: { fn: Function; cell: string }) {
  const [ref, isSeen] = useSeen<HTMLTableCellElement>();
  const metrics = useQuery({ ...dayOf(fn), enabled: isSeen });
  const { data } = metrics;
  const rate = data && failureRate(data.total);
  const runs = data?.total.scheduled ?? 0;
  const search = { functionId: fn.slug, since: "24h" };
  return (
    <>
      <td ref={ref} className={`${cell} text-right`}>
        {metrics.error ? (
          <span className="text-bad" title={metrics.error.message}>
            not loaded
          </span>
        ) : !data ? (
          <span aria-hidden className="text-ink-faint">
            …
          </span>
        ) : runs === 0 ? (
          <span className="text-ink-faint">0</span>
        ) : (
          <Link
            to={paths.runs(search)}
            className="inline-flex min-h-6 items-center hover:underline"
            aria-label={`${runs} runs of ${fn.name || fn.id}`}
          >
            {count(runs)}
          </Link>
        )}
      </td>
      <td className={`${cell} text-right`}>
        {data &&
          (rate === undefined ? (
            <span className="text-ink-faint">–</span>
          ) : data.total.failed > 0 ? (
            <Link
              to={paths.runs({ ...search, status: "FAILED" })}
              className="inline-flex min-h-6 items-center font-medium text-bad hover:underline"
              aria-label={`${percent(rate)}: ${data.total.failed} runs of ${fn.name || fn.id} failed`}
            >
              {percent(rate)}
            </Link>
          ) : (
            percent(rate)
          ))}
      </td>
      <td className={`${cell} max-lg:hidden`}>
        {data && (
          <Sparkbars
            bars={bucketsOf(data).map(({ scheduled, completed, failed, cancelled }) => ({
              total: Math.max(scheduled, completed + failed + cancelled),
              bad: failed,
            }))}
            label={`Runs by hour: ${runs} in 24 hours, ${data.total.failed} failed`}
          />
        )}
      </td>
    </>
  );
}
