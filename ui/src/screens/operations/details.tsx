/** What was asked for, by whom, and why. */
import type { Operation } from "../../api/types";
import { copy } from "../../kit/copy";
import { Facts, Panel } from "../../kit/panel";
import { useZone, zonedTime } from "../../time/zone";

export function Details({ operation }: { operation: Operation }) {
  const { ratePerSecond, stopOnErrorPercent, actor, reason, createdAt, endedAt, id } = operation;
  return (
    <Panel title="What was asked for">
      <div className="p-3">
        <Facts
          items={[
            ["Filter", <Filter key="filter" filter={operation.filter} />],
            ["At most", ratePerSecond === undefined ? "as fast as it goes" : `${ratePerSecond} per second`],
            [
              "Stops",
              stopOnErrorPercent === undefined
                ? "never by itself"
                : `if more than ${stopOnErrorPercent} % fail`,
            ],
            reason !== undefined && ["Reason", reason],
            actor !== undefined && ["By", actor],
            ["At", <Moment key="created" at={createdAt} />],
            endedAt !== undefined && ["Ended", <Moment key="ended" at={endedAt} />],
            [
              "Id",
              <button
                key="id"
                type="button"
                title="Copy the id"
                className="min-h-6 font-mono text-xs hover:underline"
                onClick={() => void copy(id, "the id of the operation")}
              >
                {id}
              </button>,
            ],
          ]}
        />
      </div>
    </Panel>
  );
}

function Moment({ at }: { at: string }) {
  const [zone] = useZone();
  return <time dateTime={at}>{zonedTime(Date.parse(at), zone, { ms: true })}</time>;
}

/** As it was sent: what can be read by people stands above. */
function Filter({ filter }: { filter: Record<string, unknown> }) {
  return (
    <pre
      tabIndex={0}
      className="max-h-40 overflow-auto rounded bg-sunken px-2 py-1 font-mono text-xs break-words whitespace-pre-wrap"
    >
      {JSON.stringify(filter, null, 2)}
    </pre>
  );
}
