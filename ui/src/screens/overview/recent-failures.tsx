/** The runs that failed last, as they fail. */
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { CircleCheck } from "lucide-react";
import { queries } from "../../api/queries";
import type { Run } from "../../api/types";
import { Panel } from "../../kit/panel";
import { Failed, Loading } from "../../kit/states";
import { useLiveList } from "../../live/hooks";
import { paths } from "../../url/paths";
import { RunTable } from "../event/runs";

const SHOWN = 10;

export function RecentFailures() {
  const query = queries.runs({ status: "FAILED", limit: SHOWN });
  const runs = useInfiniteQuery(query);
  useLiveList<Run>("runs", query.queryKey, { isFollowing: true, belongs: (run) => run.status === "FAILED" });
  // One that was run again and stays in the list until it is read again is no failure any more.
  const items = runs.data?.pages[0]?.items.filter((run) => run.status === "FAILED");
  return (
    <Panel
      title="Recent failures"
      actions={
        <Link
          to={paths.runs()}
          search={{ status: "FAILED" } as never}
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
        <RunTable runs={items} />
      )}
    </Panel>
  );
}
