/** What became of events that were sent: the runs that each started, as they go, and why it started no others. */
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { queries } from "../../api/queries";
import type { EventExplanation, Run } from "../../api/types";
import { Panel } from "../../kit/panel";
import { Empty, Failed } from "../../kit/states";
import { runStatus, Status } from "../../kit/status";
import { Elapsed } from "../../kit/time";
import { useRefetchOn } from "../../live/hooks";
import { Link } from "../../url/link";
import { paths } from "../../url/paths";
import { DRAFTS_MAX } from "./draft";

export function Results({ ids }: { ids: readonly string[] }) {
  return (
    <Panel title="Result" className="flex-[3] overflow-hidden">
      {ids.length === 0 ? (
        <Empty title="Nothing is sent yet">The runs that events start are shown here, as they go.</Empty>
      ) : (
        <ul className="min-h-0 flex-1 divide-y divide-line overflow-auto">
          {ids.slice(0, DRAFTS_MAX).map((id) => (
            <Result key={id} id={id} />
          ))}
        </ul>
      )}
    </Panel>
  );
}

function Result({ id }: { id: string }) {
  const event = useQuery({ ...queries.event(id), staleTime: Infinity });
  const runs = useInfiniteQuery(queries.eventRuns(id));
  const started = runs.data?.pages.flatMap((page) => page.items);
  const explanation = useQuery(queries.eventExplanation(id));
  useRefetchOn(`event:${id}`, [
    ["event", id, "runs"],
    ["event", id, "explain"],
  ]);
  const failure = event.error ?? runs.error ?? explanation.error;
  return (
    <li className="flex flex-col gap-1 px-3 py-2.5">
      <div className="flex flex-wrap items-center gap-x-2">
        <Link to={paths.event(id)} className="inline-flex min-h-6 items-center font-medium hover:underline">
          {event.data?.name ?? "Event"}
        </Link>
        <span className="font-mono text-xs text-ink-faint">{id}</span>
      </div>
      {failure ? (
        <Failed
          what="What became of it"
          error={failure}
          retry={() => Promise.all([runs.refetch(), explanation.refetch(), event.refetch()])}
        />
      ) : (
        explanation.data && started && <Outcome runs={started} explanation={explanation.data} />
      )}
    </li>
  );
}

function Outcome({ runs, explanation }: { runs: readonly Run[]; explanation: EventExplanation }) {
  const outcomes = explanation.functions ?? [];
  const without = outcomes.filter((outcome) => (outcome.runs ?? []).length === 0);
  if (outcomes.length === 0 && runs.length === 0)
    return <p className="text-wait">It started nothing: no function is triggered by this name.</p>;
  return (
    <ul className="flex flex-col gap-0.5 border-l-2 border-line pl-3">
      {runs.map((run) => (
        <li key={run.id} className="grid grid-cols-[6.5rem_minmax(0,1fr)_auto] items-center gap-2">
          <Status status={runStatus(run)} />
          <Link
            to={paths.run(run.id)}
            className="inline-flex min-h-6 items-center truncate text-accent hover:underline"
          >
            {run.function.name || run.function.id}
          </Link>
          <span className="text-right text-ink-soft">
            {run.isSkipped ? "–" : <Elapsed from={run.startedAt} to={run.endedAt} />}
          </span>
        </li>
      ))}
      {without.map((outcome) => (
        <li key={outcome.functionId} className="text-ink-soft">
          <span className="text-ink">{outcome.function}</span> not started: {outcome.text}
        </li>
      ))}
    </ul>
  );
}
