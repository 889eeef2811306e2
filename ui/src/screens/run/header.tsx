/** The top of a run: function, state, when and how long, and what can be done. */
import { useQueryClient, type InfiniteData } from "@tanstack/react-query";
import type { List } from "../../api/client";
import type { Run, Trace } from "../../api/types";
import { useKeys } from "../../keys/hooks";
import { copy } from "../../kit/copy";
import { Fact } from "../../kit/fact";
import { runStatus, Status } from "../../kit/status";
import { Elapsed } from "../../kit/time";
import { useNow } from "../../time/clock";
import { age } from "../../time/format";
import { useZone, zonedTime } from "../../time/zone";
import { Link } from "../../url/link";
import { useGo } from "../../url/navigation";
import { paths } from "../../url/paths";
import { Actions } from "./header-actions";
import { neighbour } from "./neighbours";
import type { RunSearch } from "./params";

interface Props {
  run: Run;
  trace: Trace;
  search: RunSearch;
  change: (change: Partial<RunSearch>) => void;
}

export function RunHeader({ run, trace, search, change }: Props) {
  const client = useQueryClient();
  const go = useGo();
  const goBeside = (by: 1 | -1) => {
    const lists = client.getQueriesData<InfiniteData<List<Run>>>({ queryKey: ["runs"] });
    // Under the key are lists of other forms, too.
    const rows = lists.map(([, data]) => (data?.pages ?? []).flatMap((page) => page.items));
    const to = neighbour(rows, run.id, by);
    return to === undefined ? false : go(paths.run(to.id));
  };
  useKeys("Run", [
    { keys: "shift+j", does: "Next run of the list", run: () => goBeside(1) },
    { keys: "shift+k", does: "Previous run of the list", run: () => goBeside(-1) },
    { keys: "y", does: "Copy the id of the run", run: () => copy(run.id, "run id") },
  ]);
  return (
    <header className="flex flex-col gap-1.5">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <h1
          className="min-w-0 truncate text-lg font-semibold tracking-tight"
          title={run.function.name || run.function.id}
        >
          {run.function.name || run.function.id}
        </h1>
        <Status status={runStatus(run)} pill />
        <div className="ml-auto flex flex-wrap items-center gap-2">
          <Actions run={run} trace={trace} search={search} change={change} />
        </div>
      </div>
      <dl className="flex flex-wrap gap-x-5 text-ink-soft">
        <Fact name="Run">
          <button
            type="button"
            className="min-h-6 font-mono text-xs hover:underline"
            title="Copy"
            onClick={() => void copy(run.id, "run id")}
          >
            {run.id}
          </button>
        </Fact>
        <Fact name="Function">
          <Link className={LINK} to={paths.function(run.app.id, run.function.id)}>
            {run.app.id}/{run.function.id}
          </Link>
        </Fact>
        <Fact name="Trigger">
          <Trigger run={run} />
        </Fact>
        <Fact name="Queued">
          <When at={run.queuedAt} />
        </Fact>
        <Fact name={run.endedAt === undefined ? "Running for" : "Duration"}>
          {run.isSkipped ? "–" : <Elapsed from={run.startedAt} to={run.endedAt} />}
        </Fact>
      </dl>
    </header>
  );
}

/** As high as what is pressed has to be. */
const LINK = "inline-flex min-h-6 items-center text-accent hover:underline";

function Trigger({ run }: { run: Run }) {
  const { cronSchedule, eventName, eventIds = [], isBatch } = run.trigger;
  if (cronSchedule !== undefined) return <span className="font-mono text-xs">{cronSchedule}</span>;
  const [event] = eventIds;
  const name = `${eventName ?? "event"}${isBatch ? ` (batch of ${eventIds.length})` : ""}`;
  return event === undefined ? (
    name
  ) : (
    <Link className={LINK} to={paths.event(event)}>
      {name}
    </Link>
  );
}

function When({ at }: { at: string }) {
  const now = useNow();
  const [zone] = useZone();
  const time = Date.parse(at);
  return (
    <time dateTime={at}>
      {zonedTime(time, zone, { now })} <span className="text-ink-faint">({age(time, now)})</span>
    </time>
  );
}
