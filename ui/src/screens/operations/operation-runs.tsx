/** The newest of the runs that an operation is about, as they are now, and the way to all of them. */
import { useInfiniteQuery } from "@tanstack/react-query";
import { queries } from "../../api/queries";
import type { Operation } from "../../api/types";
import { Panel } from "../../kit/panel";
import { Failed, Loading } from "../../kit/states";
import { useRefetchOn } from "../../live/hooks";
import { Link } from "../../url/link";
import { paths } from "../../url/paths";
import { RunTable } from "../event/runs";
import { readFilter, writeFilter } from "../runs/params";
import { isOfPicked } from "./progress";
import { runsSearch } from "./runs-link";

const SHOWN = 10;

export function OperationRuns({ operation }: { operation: Operation }) {
  const search = runsSearch(operation);
  const query = queries.runs({ ...search, limit: SHOWN });
  const runs = useInfiniteQuery(query);
  useRefetchOn("operations", [query.queryKey]);
  const items = runs.data?.pages[0]?.items;
  return (
    <Panel
      title={
        operation.kind === "cancel" && !isOfPicked(operation)
          ? "Cancelled runs that are like these"
          : "Runs that it is about"
      }
      className="overflow-hidden"
      actions={
        <span className="flex gap-3">
          {operation.kind !== "cancel" && (
            <Link
              to={paths.runs({ operation: operation.id })}
              className="inline-flex min-h-6 items-center whitespace-nowrap text-accent hover:underline"
            >
              Runs that it made
            </Link>
          )}
          <Link
            to={paths.runs(writeFilter(readFilter(search)))}
            className="inline-flex min-h-6 items-center whitespace-nowrap text-accent hover:underline"
          >
            All of them
          </Link>
        </span>
      }
    >
      {runs.error && !items ? (
        <Failed what="The runs" error={runs.error} retry={runs.refetch} />
      ) : !items ? (
        <Loading what="the runs" />
      ) : items.length === 0 ? (
        <p className="px-3 py-2.5 text-ink-soft">None is left: runs are not kept for ever.</p>
      ) : (
        <RunTable runs={items.slice(0, SHOWN)} />
      )}
    </Panel>
  );
}
