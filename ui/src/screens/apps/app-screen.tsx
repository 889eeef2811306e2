/** An app: where it is and how it answers, how its runs did, and its functions. */
import { useQuery } from "@tanstack/react-query";
import { useEffect, type ReactNode } from "react";
import { queries } from "../../api/queries";
import { Heading, Panel } from "../../kit/panel";
import { useRowKeys } from "../../kit/row-keys";
import { Empty, Failed, Loading } from "../../kit/states";
import { Age } from "../../kit/time";
import { useRefetchOn } from "../../live/hooks";
import { Link } from "../../url/link";
import { paths } from "../../url/paths";
import { RunCharts } from "../function/charts";
import { useSince } from "../function/params";
import { SinceButtons } from "../function/since-buttons";
import { sorted } from "../functions/filter";
import { FunctionTable } from "../functions/function-table";
import { useFreshMetrics } from "../functions/live";
import { AppActions } from "./app-actions";
import { useAppName } from "./params";
import type { AppRow } from "./rows";
import { Problem, StateOfApp } from "./state";
import { useApps } from "./use-apps";

export function AppScreen() {
  const name = useAppName();
  return <AppDetail key={name} name={name} />;
}

function AppDetail({ name }: { name: string }) {
  const { rows, error, refetch } = useApps();
  const [since, setSince] = useSince();
  const row = rows?.find(({ app }) => app?.id === name);
  useFreshMetrics();
  useEffect(() => {
    document.title = `${name} · Everstep`;
  }, [name]);
  if (error && !rows) return <Failed what="The app" error={error} retry={refetch} />;
  if (!rows) return <Loading what="the app" />;
  if (!row)
    return (
      <Empty title={`There is no app ${name}`}>
        <Link to={paths.apps()} className="text-accent underline">
          See the apps that there are
        </Link>
      </Empty>
    );
  return (
    <div className="flex flex-col gap-3">
      <AppHeader row={row}>{row.isThere && <SinceButtons since={since} onChange={setSince} />}</AppHeader>
      {row.problem && (
        <div role="alert" className="rounded-lg bg-bad-soft px-3 py-2">
          <Problem problem={row.problem} />
        </div>
      )}
      {row.isThere && (
        <>
          <RunCharts of={{ appId: name }} runs={{ appId: name }} since={since} />
          <AppFunctions name={name} />
        </>
      )}
    </div>
  );
}

function AppHeader({ row, children }: { row: AppRow; children: ReactNode }) {
  const facts: (readonly [string, ReactNode] | false)[] = [
    [
      "State",
      <span key="state" className="flex">
        <StateOfApp state={row.state} />
      </span>,
    ],
    row.url !== undefined && [
      "URL",
      <span key="url" className="font-mono text-xs" title={row.url}>
        {row.url}
      </span>,
    ],
    row.sdk !== undefined && ["SDK", row.sdk],
    row.framework !== undefined && ["Framework", row.framework],
    row.version !== undefined && ["Version", row.version],
    row.syncedAt !== undefined && ["Last sync", <Age key="sync" at={row.syncedAt} />],
  ];
  return (
    <header className="flex flex-col gap-1.5">
      <Heading title={row.name}>
        <AppActions row={row} name={row.app?.id ?? row.name} />
      </Heading>
      <div className="flex flex-wrap items-center gap-x-5 gap-y-1">
        <dl className="flex min-w-0 flex-wrap items-center gap-x-5 text-ink-soft">
          {facts.map(
            (fact) =>
              fact && (
                <div key={fact[0]} className="flex min-h-6 min-w-0 items-center gap-1.5">
                  <dt className="whitespace-nowrap text-ink-faint">{fact[0]}</dt>
                  <dd className="min-w-0 truncate text-ink">{fact[1]}</dd>
                </div>
              ),
          )}
        </dl>
        <div className="ml-auto">{children}</div>
      </div>
    </header>
  );
}

function AppFunctions({ name }: { name: string }) {
  const functions = useQuery(queries.functions());
  const area = useRowKeys<HTMLDivElement>("Functions");
  useRefetchOn("functions", [["functions"]]);
  const shown = sorted((functions.data ?? []).filter((fn) => fn.app.id === name && !fn.isArchived));
  return (
    <Panel title={`Functions${functions.data ? ` ${shown.length}` : ""}`} className="shrink-0">
      <div ref={area}>
        {functions.error && !functions.data ? (
          <Failed what="The functions" error={functions.error} retry={functions.refetch} />
        ) : !functions.data ? (
          <Loading what="the functions" />
        ) : shown.length === 0 ? (
          <Empty title="It has no functions">It was synced, and named none.</Empty>
        ) : (
          <FunctionTable functions={shown} app={name} />
        )}
      </div>
    </Panel>
  );
}
