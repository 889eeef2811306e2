/** Starting a function with data that is typed, and seeing what becomes of the run. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { History, Play } from "lucide-react";
import { useState } from "react";
import { send } from "../../api/client";
import { queries } from "../../api/queries";
import type { Function, InvokedRun } from "../../api/types";
import { label } from "../../keys/notation";
import { Button } from "../../kit/button";
import { Dialog } from "../../kit/dialog";
import { JsonEditor } from "../../kit/editor";
import { runStatus, Status } from "../../kit/status";
import { Elapsed } from "../../kit/time";
import { useRefetchOn } from "../../live/hooks";
import { Link } from "../../url/link";
import { paths } from "../../url/paths";
import { cleaned, readData } from "./data";

const EMPTY = "{\n  \n}";

interface Props {
  fn: Function;
  /** The event that started it last. */
  lastEvent: string | undefined;
  onClose: () => void;
}

export function InvokeDialog({ fn, lastEvent, onClose }: Props) {
  const client = useQueryClient();
  const [text, setText] = useState(EMPTY);
  const [problem, setProblem] = useState<string>();
  const [started, setStarted] = useState<readonly string[]>([]);
  const path = `v2/apps/${encodeURIComponent(fn.app.id)}/functions/${encodeURIComponent(fn.id)}/invoke`;
  const invoke = useMutation({
    mutationFn: (data: Record<string, unknown>) => send<InvokedRun>(path, { data }),
    onSuccess: ({ runId }) => {
      setStarted((before) => [runId, ...before]);
      return client.invalidateQueries({ queryKey: ["runs", "function", fn.app.id, fn.id] });
    },
  });
  const fill = useMutation({
    mutationFn: (id: string) => client.fetchQuery(queries.event(id)),
    onSuccess: ({ data }) => {
      setText(JSON.stringify(cleaned(data), null, 2));
      setProblem(undefined);
    },
  });
  const submit = () => {
    const read = readData(text);
    setProblem(read.problem);
    if (read.data && !invoke.isPending) invoke.mutate(read.data);
  };
  const failure = problem ?? invoke.error?.message ?? fill.error?.message;
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={`Invoke ${fn.name || fn.id}`}
      description="It is started by itself: no event is sent that others would see."
      actions={
        <>
          {failure !== undefined && (
            <p role="alert" className="mr-auto min-w-0 self-center break-words text-bad">
              {failure}
            </p>
          )}
          <Button onClick={onClose}>{started.length > 0 ? "Done" : "Not now"}</Button>
          <Button
            look="primary"
            icon={<Play aria-hidden className="size-3.5" />}
            keys={label("mod+Enter")}
            hint="Invoke"
            disabled={invoke.isPending}
            onClick={submit}
          >
            {started.length > 0 ? "Invoke again" : "Invoke"}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-3">
        <section className="overflow-hidden rounded-lg border border-line">
          <h3 className="flex min-h-9 items-center gap-2 border-b border-line px-3 font-medium">
            <span className="flex-1">Data</span>
            {lastEvent !== undefined && (
              <Button
                look="ghost"
                icon={<History aria-hidden className="size-3.5" />}
                disabled={fill.isPending}
                onClick={() => fill.mutate(lastEvent)}
              >
                As the last time
              </Button>
            )}
          </h3>
          <div className="flex h-56 flex-col">
            <JsonEditor
              label="Data of the function"
              value={text}
              onChange={(value) => {
                setText(value);
                setProblem(undefined);
              }}
              onSubmit={submit}
            />
          </div>
        </section>
        {started.length > 0 && (
          <ul aria-label="Runs that were started" aria-live="polite" className="flex flex-col gap-1">
            {started.map((run) => (
              <StartedRun key={run} id={run} />
            ))}
          </ul>
        )}
      </div>
    </Dialog>
  );
}

function StartedRun({ id }: { id: string }) {
  const run = useQuery(queries.run(id));
  useRefetchOn(`run:${id}`, [["run", id]]);
  return (
    <li className="grid grid-cols-[6.5rem_minmax(0,1fr)_auto] items-center gap-2 rounded-lg bg-sunken px-3 py-1.5">
      {run.data ? (
        <Status status={runStatus(run.data)} />
      ) : (
        <span className="text-ink-soft">{run.error ? "Not loaded" : "Started"}</span>
      )}
      <Link to={paths.run(id)} className="truncate font-mono text-xs text-accent hover:underline">
        {id}
      </Link>
      <span className="text-ink-soft">
        {run.data && <Elapsed from={run.data.startedAt} to={run.data.endedAt} />}
      </span>
    </li>
  );
}
