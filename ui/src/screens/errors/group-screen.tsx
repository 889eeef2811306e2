/** Errors that are alike: what they say, since when, in which runs, and what is decided about them. */
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { queries } from "../../api/queries";
import { Button } from "../../kit/button";
import { Panel } from "../../kit/panel";
import { Split } from "../../kit/split";
import { Empty, Failed, Loading } from "../../kit/states";
import { Link } from "../../url/link";
import { useRefetchOn } from "../../live/hooks";
import { paths } from "../../url/paths";
import { RunTable } from "../event/runs";
import { GroupHeader } from "./group-header";
import { LastError } from "./last-error";
import { OperationBar } from "./operation-bar";
import { useGroupId, useOperationId } from "./params";

export function ErrorGroupScreen() {
  const id = useGroupId();
  return <GroupDetail key={id} id={id} />;
}

function GroupDetail({ id }: { id: string }) {
  const group = useQuery(queries.error(id));
  const [operation, showOperation] = useOperationId();
  useRefetchOn("errors", [["error", id]]);
  const title = group.data?.message ?? group.data?.name ?? undefined;
  useEffect(() => {
    if (title !== undefined) document.title = `${title.slice(0, 60)} · Everstep`;
  }, [title]);
  if (group.error && !group.data)
    return <Failed what="The error" error={group.error} retry={group.refetch} />;
  if (!group.data) return <Loading what="the error" />;
  return (
    <div className="flex min-h-full flex-col gap-3 lg:h-full lg:min-h-0">
      <GroupHeader group={group.data} onStarted={showOperation} />
      {operation !== undefined && <OperationBar id={operation} />}
      <Split
        label="Width of the last error"
        setting="error.last"
        width={520}
        first={<GroupRuns id={id} />}
        second={<LastError run={group.data.lastRunId} />}
      />
    </div>
  );
}

function GroupRuns({ id }: { id: string }) {
  const runs = useInfiniteQuery(queries.errorRuns(id));
  const items = runs.data?.pages.flatMap((page) => page.items);
  return (
    <Panel
      title="Runs that failed with it"
      className="flex-1 overflow-hidden"
      actions={
        <Link
          to={paths.runs({ errorGroup: id })}
          className="inline-flex min-h-6 items-center text-accent hover:underline"
        >
          in the list of runs
        </Link>
      }
    >
      <div className="min-h-0 flex-1 overflow-auto">
        {runs.error && !items ? (
          <Failed what="The runs" error={runs.error} retry={runs.refetch} />
        ) : !items ? (
          <Loading what="the runs" />
        ) : items.length === 0 ? (
          <Empty title="No run is left">Those that failed with it are older than runs are kept.</Empty>
        ) : (
          <RunTable runs={items} by="event" />
        )}
        {runs.hasNextPage && (
          <div className="p-2 text-center">
            <Button disabled={runs.isFetchingNextPage} onClick={() => void runs.fetchNextPage()}>
              More
            </Button>
          </div>
        )}
      </div>
    </Panel>
  );
}
