/** The server itself: what it does now, how it was started, what it stores and for how long. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { boot } from "../../boot";
import { queries } from "../../api/queries";
import type { StartOptions, SystemInfo } from "../../api/types";
import { Facts, Heading, Panel } from "../../kit/panel";
import { Failed, Loading } from "../../kit/states";
import { Age } from "../../kit/time";
import { useRefetchOn } from "../../live/hooks";
import { Figures } from "./figures";
import { limitFacts } from "./limits";
import { Retention } from "./retention";
import { StoragePanel } from "./storage-panel";

/** Reading figures costs the server little, reading tables costs it more. */
const FIGURES_MS = 2_000;
const STORAGE_MS = 30_000;

export function SystemScreen() {
  const client = useQueryClient();
  const storage = useQuery(queries.storage());
  useRefetchOn("flow", [["samples"]], FIGURES_MS);
  useRefetchOn("runs", [["storage"]], STORAGE_MS);
  /** What was measured takes the place of what was not. */
  const measure = async () => {
    const measured = await client.fetchQuery({ ...queries.storage(true), staleTime: 0 });
    client.setQueryData(queries.storage().queryKey, measured);
  };
  return (
    <div className="flex flex-col gap-3">
      <Heading title="System" />
      <Figures />
      <div className="grid gap-3 lg:grid-cols-2">
        <div className="flex flex-col gap-3">
          <ServerPanel />
          <Panel title="Retention">
            {storage.error && !storage.data ? (
              <Failed what="Retention" error={storage.error} retry={storage.refetch} />
            ) : !storage.data ? (
              <Loading what="retention" />
            ) : (
              <Retention storage={storage.data} />
            )}
          </Panel>
        </div>
        <LimitsPanel />
      </div>
      <Panel title="Storage">
        {storage.error && !storage.data ? (
          <Failed what="Storage" error={storage.error} retry={storage.refetch} />
        ) : !storage.data ? (
          <Loading what="storage" />
        ) : (
          <StoragePanel storage={storage.data} onMeasure={measure} />
        )}
      </Panel>
    </div>
  );
}

function LimitsPanel() {
  const system = useQuery(queries.system());
  return (
    <Panel title="Limits">
      {system.error && !system.data ? (
        <Failed what="The limits" error={system.error} retry={system.refetch} />
      ) : !system.data ? (
        <Loading what="the limits" />
      ) : (
        <div className="p-3">
          <Facts items={limitFacts(system.data.limits)} />
        </div>
      )}
    </Panel>
  );
}

function ServerPanel() {
  const dev = useQuery(queries.dev());
  const system = useQuery(queries.system()).data;
  return (
    <Panel title="Server">
      {dev.error && !dev.data ? (
        <Failed what="The server" error={dev.error} retry={dev.refetch} />
      ) : !dev.data ? (
        <Loading what="the server" />
      ) : (
        <div className="p-3">
          <Facts items={serverFacts(dev.data.version ?? boot.version, dev.data.startOpts ?? {}, system)} />
        </div>
      )}
    </Panel>
  );
}

const YES = { true: "Yes", false: "No" } as const;

function serverFacts(version: string, started: StartOptions, system: SystemInfo | undefined) {
  const { persist, sqlite_dir: directory, poll, poll_interval: seconds, urls = [] } = started;
  return [
    ["Version", version],
    system && (["Running since", <Age key="since" at={system.startedAt} />] as const),
    ["Mode", boot.mode === "dev" ? "Development: anybody who reaches it may do anything" : "Production"],
    [
      "Data",
      persist ? <code className="font-mono text-xs">{directory}</code> : "In memory: gone when it stops",
    ],
    ["Apps looked for", YES[`${started.autodiscover ?? false}`]],
    ["Apps synced", poll ? `Every ${seconds ?? 0} s` : "When they say so"],
    urls.length > 0 &&
      ([
        "App addresses",
        <ul key="urls">
          {urls.map((url) => (
            <li key={url} className="font-mono text-xs leading-5 break-all">
              {url}
            </li>
          ))}
        </ul>,
      ] as const),
    ["Calls at once", (started.queue_workers ?? 0).toLocaleString("en-US")],
    [
      "Retries",
      (started.retry_interval ?? 0) === 0
        ? "By the table of delays"
        : `Every ${started.retry_interval ?? 0} s`,
    ],
    ["Keys required", YES[`${started.require_keys ?? false}`]],
  ] as const;
}
