/** The apps whose functions are run: where each is, with which SDK, and what keeps it from being synced. */
import { Plus } from "lucide-react";
import { useState } from "react";
import { useKeys } from "../../keys/hooks";
import { Button } from "../../kit/button";
import { Heading, Panel } from "../../kit/panel";
import { useRowKeys } from "../../kit/row-keys";
import { Segments } from "../../kit/segments";
import { Empty, Failed, Loading } from "../../kit/states";
import { AddDialog } from "./add-dialog";
import { AppTable } from "./app-table";
import { ArchivedApps } from "./archived-apps";
import { useShown } from "./params";
import { useApps } from "./use-apps";

const SHOWN = [
  { value: "connected", word: "Connected" },
  { value: "archived", word: "Archived" },
] as const;

export function AppsScreen() {
  const { rows, error, refetch } = useApps();
  const [shown, show] = useShown();
  const [isAdding, setAdding] = useState(false);
  useKeys("Apps", [{ keys: "a", does: "Add an app", run: () => setAdding(true) }]);
  const area = useRowKeys<HTMLDivElement>("Apps");
  return (
    <div className="flex h-full min-h-0 flex-col gap-3">
      <Heading title="Apps" note={rows && String(rows.length)}>
        <Button
          look="primary"
          icon={<Plus aria-hidden className="size-3.5" />}
          keys="a"
          hint="Add an app by its URL"
          onClick={() => setAdding(true)}
        >
          Add app
        </Button>
      </Heading>
      <div className="flex">
        <Segments label="Which apps" value={shown} options={SHOWN} onChange={show} />
      </div>
      <Panel className="min-h-72 flex-1 overflow-hidden">
        <div ref={area} className="min-h-0 flex-1 overflow-auto">
          {shown === "archived" ? (
            <ArchivedApps />
          ) : error && !rows ? (
            <Failed what="The apps" error={error} retry={refetch} />
          ) : !rows ? (
            <Loading what="the apps" />
          ) : rows.length === 0 ? (
            <Empty title="No app is connected yet">
              <p>An app registers itself when it starts, if it knows the address of this server.</p>
              <Button className="mt-3" onClick={() => setAdding(true)}>
                Add one by its URL
              </Button>
            </Empty>
          ) : (
            <AppTable rows={rows} />
          )}
        </div>
      </Panel>
      {isAdding && <AddDialog onClose={() => setAdding(false)} />}
    </div>
  );
}
