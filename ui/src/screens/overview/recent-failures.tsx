/** The runs that failed last, as they fail. */
import { useInfiniteQuery } from "@tanstack/react-query";
import { CircleCheck } from "lucide-react";
import { queries } from "../../api/queries";
import type { Run } from "../../api/types";
import { Panel } from "../../kit/panel";
import { Failed, Loading } from "../../kit/states";
import { Cell, Head, ROW, TableHead } from "../../kit/table";
import { Age } from "../../kit/time";
import { useRefetchOn } from "../../live/hooks";
import { Link } from "../../url/link";
import { paths } from "../../url/paths";
import { messageOf } from "./failure";

const SHOWN = 10;

export function RecentFailures() {
  const query = queries.runs({ status: "FAILED", timeField: "endedAt", limit: SHOWN, includeOutput: true });
  const runs = useInfiniteQuery(query);
  useRefetchOn("errors", [query.queryKey]);
  const items = runs.data?.pages[0]?.items;
  return (
    <Panel
      title="Recent failures"
      actions={
        <Link
          to={paths.runs({ status: "FAILED" })}
          className="inline-flex min-h-6 items-center text-accent hover:underline"
        >
          All
        </Link>
      }
    >
      {runs.error && !items ? (
        <Failed what="The failures" error={runs.error} retry={runs.refetch} />
      ) : !items ? (
        <Loading what="the failures" />
      ) : items.length === 0 ? (
        <p className="flex items-center gap-2 px-3 py-3 text-ink-soft">
          <CircleCheck aria-hidden className="size-4 text-ok" />
          No run has failed.
        </p>
      ) : (
        <Failures runs={items} />
      )}
    </Panel>
  );
}

function Failures({ runs }: { runs: readonly Run[] }) {
  return (
    <table className="w-full table-fixed">
      <colgroup>
        <col />
        <col className="w-44 max-sm:hidden" />
        <col className="w-24" />
      </colgroup>
      <TableHead>
        <Head>Error</Head>
        <Head className="max-sm:hidden">Function</Head>
        <Head isNumber>Failed</Head>
      </TableHead>
      <tbody className="divide-y divide-line">
        {runs.map((run) => (
          <tr key={run.id} className={ROW}>
            <Cell>
              <Link
                to={paths.run(run.id)}
                title={`${messageOf(run.output)} · ${run.id}`}
                className="block truncate hover:underline max-sm:line-clamp-2 max-sm:whitespace-normal"
              >
                {messageOf(run.output)}
              </Link>
            </Cell>
            <Cell className="max-sm:hidden">
              <Link
                to={paths.function(run.app.id, run.function.id)}
                className="text-ink-soft hover:underline"
              >
                {run.function.name || run.function.id}
              </Link>
            </Cell>
            <Cell isNumber className="text-ink-soft">
              <Age at={run.endedAt} />
            </Cell>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
