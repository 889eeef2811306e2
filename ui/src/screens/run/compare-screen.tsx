/** Two runs beside each other: their steps, how long each took, and what each was given and gave. */
import { useQuery } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { queries } from "../../api/queries";
import type { Run } from "../../api/types";
import { Button } from "../../kit/button";
import { Input } from "../../kit/fields";
import { Heading, Panel } from "../../kit/panel";
import { Empty, Failed, Loading } from "../../kit/states";
import { runStatus, Status } from "../../kit/status";
import { Age, Elapsed } from "../../kit/time";
import { Link } from "../../url/link";
import { useUrlSearch } from "../../url/navigation";
import { paths } from "../../url/paths";
import { one } from "../../url/search";
import type { CompareSearch } from "../../url/searches";
import { ComparedPayloads } from "./compared-payloads";
import { ComparedSteps } from "./compared-steps";
import { align } from "./compare";
import { useRunId } from "./params";

export function CompareScreen() {
  const id = useRunId();
  const { search } = useUrlSearch<CompareSearch>();
  const run = useQuery(queries.run(id));
  const other = one(search["with"]);
  return (
    <div className="flex flex-col gap-4">
      <Heading
        title="Compare runs"
        note={
          <Link to={paths.run(id)} className="text-accent hover:underline">
            back to the run
          </Link>
        }
      >
        {run.data && <Chooser key={other ?? ""} run={run.data} other={other} />}
      </Heading>
      {run.error ? (
        <Failed what="The run" error={run.error} retry={run.refetch} />
      ) : !run.data ? (
        <Loading what="the run" />
      ) : other === undefined ? (
        <Panel>
          <Empty title="Which run to compare it with?">
            Enter the id of a run, or take the last run of the function that completed.
          </Empty>
        </Panel>
      ) : (
        <Comparison left={other} right={run.data} step={one(search["step"])} />
      )}
    </div>
  );
}

function useChange() {
  return useUrlSearch<CompareSearch>().merge;
}

/** With which run: the last success, or any. */
function Chooser({ run, other }: { run: Run; other: string | undefined }) {
  const change = useChange();
  const [text, setText] = useState(other ?? "");
  const successes = useQuery(queries.successes(run.app.id, run.function.id));
  const last = successes.data?.items.find((it) => it.id !== run.id)?.id;
  return (
    <form
      className="flex flex-wrap items-center gap-2"
      onSubmit={(event) => {
        event.preventDefault();
        if (text.trim() !== "") change({ with: text.trim() });
      }}
    >
      <Input
        aria-label="Run to compare with"
        placeholder="Run id"
        className="w-64 font-mono text-xs"
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      <Button type="submit">Compare</Button>
      {last !== undefined && last !== other && (
        <Button onClick={() => change({ with: last })}>Last success of the function</Button>
      )}
    </form>
  );
}

function Comparison({ left: leftId, right, step }: { left: string; right: Run; step: string | undefined }) {
  const change = useChange();
  const left = useQuery(queries.run(leftId));
  const leftTrace = useQuery(queries.traceWithOutput(leftId));
  const rightTrace = useQuery(queries.traceWithOutput(right.id));
  const error = left.error ?? leftTrace.error ?? rightTrace.error;
  if (error) {
    const again = () => Promise.all([left.refetch(), leftTrace.refetch(), rightTrace.refetch()]);
    return <Failed what="The run to compare with" error={error} retry={() => void again()} />;
  }
  if (!left.data || !leftTrace.data || !rightTrace.data) return <Loading what="both runs" />;
  const [a, b] = [leftTrace.data.rootSpan, rightTrace.data.rootSpan];
  const pairs = align(a, b);
  const selected = pairs.find((pair) => pair.id === step);
  const isSame = left.data.function.id === right.function.id && left.data.app.id === right.app.id;
  return (
    <>
      <div className="grid gap-3 md:grid-cols-2">
        <Side title="Compared with" run={left.data} />
        <Side title="This run" run={right} />
      </div>
      {!isSame && (
        <p className="rounded-lg bg-wait-soft px-3 py-2 text-wait">These are runs of two functions.</p>
      )}
      <ComparedSteps
        pairs={pairs}
        roots={[a, b]}
        selected={selected?.id}
        onSelect={(id) => change({ step: id ?? "" })}
      />
      <ComparedPayloads
        key={selected?.id ?? "run"}
        title={selected?.name ?? "The run"}
        left={selected ? selected.left : a}
        right={selected ? selected.right : b}
      />
    </>
  );
}

function Side({ title, run }: { title: string; run: Run }) {
  const facts: [string, ReactNode][] = [
    ["Queued", <Age key="queued" at={run.queuedAt} />],
    ["Duration", <Elapsed key="took" from={run.startedAt} to={run.endedAt} />],
    ["Trigger", run.trigger.cronSchedule ?? run.trigger.eventName ?? "–"],
  ];
  return (
    <Panel title={title} actions={<Status status={runStatus(run)} />}>
      <div className="flex flex-col gap-1.5 p-3">
        <p>
          {run.function.name || run.function.id}{" "}
          <Link to={paths.run(run.id)} className="font-mono text-xs text-accent hover:underline">
            {run.id}
          </Link>
        </p>
        <dl className="flex flex-wrap gap-x-5 gap-y-1">
          {facts.map(([name, value]) => (
            <div key={name} className="flex gap-1.5">
              <dt className="text-ink-faint">{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      </div>
    </Panel>
  );
}
