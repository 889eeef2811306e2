/** A function: how it does, what it does now and why not more, how it is configured, its newest runs. */
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { queries } from "../../api/queries";
import type { Function, Run } from "../../api/types";
import { Panel } from "../../kit/panel";
import { Empty, Failed, Loading } from "../../kit/states";
import { useLiveList, useRefetchOn } from "../../live/hooks";
import { Link } from "../../url/link";
import { paths } from "../../url/paths";
import { RunTable } from "../event/runs";
import { useFreshMetrics } from "../functions/live";
import { RunCharts } from "./charts";
import { ConfigurationPanel } from "./configuration-panel";
import { FunctionHeader } from "./header";
import { useFunctionName, useSince, type FunctionName } from "./params";
import { SinceButtons } from "./since-buttons";
import { WhyPanel } from "./why-panel";

export function FunctionScreen() {
  const name = useFunctionName();
  return <FunctionDetail key={`${name.app} ${name.id}`} name={name} />;
}

function FunctionDetail({ name }: { name: FunctionName }) {
  const fn = useQuery(queries.function(name.app, name.id));
  const title = fn.data && (fn.data.name || fn.data.id);
  useRefetchOn("functions", [["function", name.app, name.id]]);
  useFreshMetrics();
  useEffect(() => {
    if (title !== undefined) document.title = `${title} · Everstep`;
  }, [title]);
  if (fn.error && !fn.data) return <Failed what="The function" error={fn.error} retry={fn.refetch} />;
  if (!fn.data) return <Loading what="the function" />;
  return <Content fn={fn.data} name={name} />;
}

function Content({ fn, name }: { fn: Function; name: FunctionName }) {
  const [since, setSince] = useSince();
  const runs = useInfiniteQuery(queries.functionRuns(name.app, name.id));
  const items = runs.data?.pages.flatMap((page) => page.items);
  const lastEvent = items?.find((run) => run.trigger.eventIds?.[0])?.trigger.eventIds?.[0];
  return (
    <div className="flex flex-col gap-3">
      <FunctionHeader fn={fn} lastEvent={lastEvent}>
        <SinceButtons since={since} onChange={setSince} />
      </FunctionHeader>
      {!fn.isArchived && <WhyPanel fn={fn} />}
      <RunCharts of={{ appId: name.app, functionId: name.id }} runs={{ functionId: fn.slug }} since={since} />
      <div className="grid items-start gap-3 lg:grid-cols-[minmax(0,1fr)_minmax(0,28rem)]">
        <RecentRuns fn={fn} name={name} />
        <ConfigurationPanel fn={fn} />
      </div>
    </div>
  );
}

/** They take the place of the older ones as they come: it is a list to look at, not to work through. */
function RecentRuns({ fn, name }: { fn: Function; name: FunctionName }) {
  const query = queries.functionRuns(name.app, name.id);
  const runs = useInfiniteQuery(query);
  useLiveList<Run>("runs", query.queryKey, {
    isFollowing: true,
    belongs: (run) => run.app.id === name.app && run.function.id === name.id,
  });
  const items = runs.data?.pages[0]?.items;
  return (
    <Panel
      title="Recent runs"
      actions={
        <Link
          to={paths.runs({ functionId: fn.slug })}
          className="inline-flex min-h-6 items-center text-accent hover:underline"
        >
          All runs
        </Link>
      }
    >
      {runs.error && !items ? (
        <Failed what="The runs" error={runs.error} retry={runs.refetch} />
      ) : !items ? (
        <Loading what="the runs" />
      ) : items.length === 0 ? (
        <Empty title="It has not run yet">
          It starts when one of its triggers fires, or when it is invoked from here.
        </Empty>
      ) : (
        <RunTable runs={items} by="event" />
      )}
    </Panel>
  );
}
