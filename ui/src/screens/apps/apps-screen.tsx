/** The apps whose functions are run: where each is, with which SDK, and what keeps it from being synced. */
import { Heading, Panel } from "../../kit/panel";
import { useRowKeys } from "../../kit/row-keys";
import { Empty, Failed, Loading } from "../../kit/states";
import { AppTable } from "./app-table";
import { useApps } from "./use-apps";

export function AppsScreen() {
  const { rows, error, refetch } = useApps();
  const area = useRowKeys<HTMLDivElement>("Apps");
  return (
    <div className="flex h-full min-h-0 flex-col gap-3">
      <Heading title="Apps" note={rows && String(rows.length)} />
      <Panel className="min-h-72 flex-1 overflow-hidden">
        <div ref={area} className="min-h-0 flex-1 overflow-auto">
          {error && !rows ? (
            <Failed what="The apps" error={error} retry={refetch} />
          ) : !rows ? (
            <Loading what="the apps" />
          ) : rows.length === 0 ? (
            <Empty title="No app is connected yet">
              An app registers itself when it starts, if it knows the address of this server.
            </Empty>
          ) : (
            <AppTable rows={rows} />
          )}
        </div>
      </Panel>
    </div>
  );
}
