/** A look at a run beside the list: why it waits or how it ended, its times, its output. The rest is on its own screen. */
import { useQuery } from "@tanstack/react-query";
import { ArrowUpRight, X } from "lucide-react";
import { queries } from "../../api/queries";
import type { Run, StepError } from "../../api/types";
import { Button } from "../../kit/button";
import { copy } from "../../kit/copy";
import { JsonView } from "../../kit/json";
import { Facts, Panel } from "../../kit/panel";
import { Failed, Loading } from "../../kit/states";
import { runStatus, Status } from "../../kit/status";
import { Elapsed } from "../../kit/time";
import { useRefetchOn } from "../../live/hooks";
import { useZone, zonedTime } from "../../time/zone";
import { Link } from "../../url/link";
import { paths } from "../../url/paths";
import { ErrorView } from "../run/error-view";
import { WhyBar } from "../run/why-bar";

interface Props {
  id: string;
  onClose: () => void;
}

export function RunPeek({ id, onClose }: Props) {
  const run = useQuery(queries.run(id));
  useRefetchOn(`run:${id}`, [["run", id]]);
  return (
    <Panel
      className="flex-1 overflow-hidden"
      title={run.data ? run.data.function.name || run.data.function.id : "Run"}
      actions={
        <>
          <Link
            to={paths.run(id)}
            className="inline-flex min-h-6 items-center gap-1 whitespace-nowrap text-accent hover:underline"
          >
            Open
            <ArrowUpRight aria-hidden className="size-3.5" />
          </Link>
          <Button
            look="ghost"
            aria-label="Close the preview"
            hint="Close the preview"
            keys="Space"
            icon={<X aria-hidden className="size-3.5" />}
            onClick={onClose}
          />
        </>
      }
    >
      {run.error && !run.data ? (
        <Failed what="The run" error={run.error} retry={run.refetch} />
      ) : !run.data ? (
        <Loading what="the run" />
      ) : (
        <Content run={run.data} />
      )}
    </Panel>
  );
}

function Content({ run }: { run: Run }) {
  const { eventIds = [], eventName, cronSchedule } = run.trigger;
  const [event] = eventIds;
  return (
    <div className="flex min-h-0 flex-1 flex-col overflow-auto">
      <div className="flex flex-col gap-3 p-3">
        <WhyBar run={run} />
        <Facts
          items={[
            ["Status", <Status key="status" status={runStatus(run)} />],
            [
              "Trigger",
              cronSchedule !== undefined || event === undefined ? (
                <code key="trigger">{cronSchedule ?? eventName ?? "–"}</code>
              ) : (
                <Link key="trigger" to={paths.event(event)} className="text-accent hover:underline">
                  {eventName ?? event}
                </Link>
              ),
            ],
            ["Queued", <Moment key="queued" at={run.queuedAt} />],
            run.startedAt !== undefined && ["Started", <Moment key="started" at={run.startedAt} />],
            run.endedAt !== undefined && ["Ended", <Moment key="ended" at={run.endedAt} />],
            run.startedAt !== undefined && [
              "Duration",
              <Elapsed key="duration" from={run.startedAt} to={run.endedAt} />,
            ],
            ...Object.entries(run.attributes ?? {}),
            [
              "Id",
              <button
                key="id"
                type="button"
                title="Copy the id"
                className="min-h-6 font-mono text-xs hover:underline"
                onClick={() => void copy(run.id, "the id of the run")}
              >
                {run.id}
              </button>,
            ],
          ]}
        />
      </div>
      <Outcome run={run} />
    </div>
  );
}

function Outcome({ run }: { run: Run }) {
  if (run.output === undefined) return null;
  const isError = run.status === "FAILED" && typeof run.output === "object" && run.output !== null;
  return (
    <section
      aria-label={isError ? "Error" : "Output"}
      className="flex min-h-64 flex-1 flex-col border-t border-line"
    >
      {isError ? (
        <ErrorView error={run.output as StepError} />
      ) : (
        <JsonView key={run.id} value={run.output} what="output" />
      )}
    </section>
  );
}

function Moment({ at }: { at: string }) {
  const [zone] = useZone();
  return <time dateTime={at}>{zonedTime(Date.parse(at), zone, { ms: true })}</time>;
}
