/** The runs that an event started, as they go. */
import { useInfiniteQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { queries } from "../../api/queries";
import type { Run } from "../../api/types";
import { Button } from "../../kit/button";
import { Panel } from "../../kit/panel";
import { Failed, Loading } from "../../kit/states";
import { runStatus, Status } from "../../kit/status";
import { Age, Elapsed } from "../../kit/time";
import { Link } from "../../url/link";
import { paths } from "../../url/paths";

export function EventRuns({ id }: { id: string }) {
  const runs = useInfiniteQuery(queries.eventRuns(id));
  const items = runs.data?.pages.flatMap((page) => page.items);
  return (
    <Panel title="Runs that it started" className="shrink-0">
      {runs.error && !items ? (
        <Failed what="The runs" error={runs.error} retry={runs.refetch} />
      ) : !items ? (
        <Loading what="the runs" />
      ) : items.length === 0 ? (
        <p className="px-3 py-2.5 text-ink-soft">It started no run. Why is below, function by function.</p>
      ) : (
        <RunTable runs={items} />
      )}
      {runs.hasNextPage && (
        <div className="p-2 text-center">
          <Button disabled={runs.isFetchingNextPage} onClick={() => void runs.fetchNextPage()}>
            More
          </Button>
        </div>
      )}
    </Panel>
  );
}

interface TableProps {
  runs: readonly Run[];
  /** Runs of one function are told apart by their event. */
  by?: "function" | "event";
}

export function RunTable({ runs, by = "function" }: TableProps) {
  return (
    <div className="overflow-x-auto">
      <table className="w-full">
        <thead className="text-left text-xs text-ink-soft">
          <tr className="border-b border-line">
            <Head>Status</Head>
            <Head>{by === "event" ? "Event" : "Function"}</Head>
            <Head>Run</Head>
            <Head>Queued</Head>
            <Head isNumber>Duration</Head>
          </tr>
        </thead>
        <tbody className="divide-y divide-line">
          {runs.map((run) => (
            <tr key={run.id} className="hover:bg-sunken/60">
              <td className="px-3 py-1.5">
                <span className="flex">
                  <Status status={runStatus(run)} />
                </span>
              </td>
              <td className="px-3 py-1.5 whitespace-nowrap">
                {by === "event" ? <Trigger run={run} /> : <FunctionOf run={run} />}
              </td>
              <td className="px-3 py-1.5">
                <Link className="font-mono text-xs text-accent hover:underline" to={paths.run(run.id)}>
                  {run.id}
                </Link>
              </td>
              <td className="px-3 py-1.5 whitespace-nowrap text-ink-soft">
                <Age at={run.queuedAt} />
              </td>
              <td className="px-3 py-1.5 text-right whitespace-nowrap">
                {run.isSkipped ? "–" : <Elapsed from={run.startedAt} to={run.endedAt} />}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function FunctionOf({ run }: { run: Run }) {
  return (
    <Link className="hover:underline" to={paths.function(run.app.id, run.function.id)}>
      {run.function.name || run.function.id}
    </Link>
  );
}

function Trigger({ run }: { run: Run }) {
  const { eventIds = [], eventName, cronSchedule } = run.trigger;
  const [event] = eventIds;
  if (cronSchedule !== undefined) return <code className="text-xs">{cronSchedule}</code>;
  if (event === undefined) return <>{eventName ?? "–"}</>;
  return (
    <Link className="hover:underline" to={paths.event(event)}>
      {eventName ?? event}
    </Link>
  );
}

export function Head({ children, isNumber = false }: { children: ReactNode; isNumber?: boolean }) {
  return (
    <th scope="col" className={`px-3 py-1.5 font-medium whitespace-nowrap ${isNumber ? "text-right" : ""}`}>
      {children}
    </th>
  );
}
