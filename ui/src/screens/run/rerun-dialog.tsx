/** Running a run again from a step on, with its input as it was or edited: and what will be reused, what will run again. */
import { useQuery } from "@tanstack/react-query";
import { Check, RotateCw } from "lucide-react";
import { useState, type ReactNode } from "react";
import { queries } from "../../api/queries";
import type { PlannedStep, Span } from "../../api/types";
import { Button } from "../../kit/button";
import { Dialog } from "../../kit/dialog";
import { JsonEditor } from "../../kit/editor";
import { JsonView } from "../../kit/json";
import { Failed, Loading } from "../../kit/states";
import { pathTo } from "../../waterfall";
import { useRerun } from "./actions";
import { readArguments, UNCHANGED } from "./arguments";

interface Props {
  run: string;
  span: Span;
  onClose: () => void;
  onStarted: (run: string) => void;
}

export function RerunDialog({ run, span, onClose, onStarted }: Props) {
  const trace = useQuery(queries.traceWithOutput(run));
  const recorded = trace.data && pathTo(trace.data.rootSpan, span.id)?.at(-1)?.input;
  return (
    <Dialog
      isOpen
      isWide
      onClose={onClose}
      title={`Rerun from step “${span.name}”`}
      description="A new run is started. The steps before this one are not run again: they give what they gave."
    >
      {trace.error ? (
        <Failed what="The input" error={trace.error} retry={trace.refetch} />
      ) : trace.data ? (
        <Form run={run} span={span} recorded={recorded} onClose={onClose} onStarted={onStarted} />
      ) : (
        <Loading what="the input" />
      )}
    </Dialog>
  );
}

function Form({ run, span, recorded, onClose, onStarted }: Props & { recorded: unknown }) {
  const stepId = span.stepId ?? "";
  const before = JSON.stringify(recorded ?? [], null, 2);
  const [text, setText] = useState(before);
  const rerun = useRerun(run, onStarted);
  const isEdited = text !== before;
  const read = isEdited ? readArguments(text) : UNCHANGED;
  const submit = () => {
    if (read.problem !== undefined) return;
    const fromStep = { stepId, ...(read.input === undefined ? {} : { input: read.input }) };
    rerun.mutate({ fromStep }, { onSuccess: onClose });
  };
  return (
    <div className="flex flex-col gap-4">
      <div className="grid gap-3 md:grid-cols-2">
        <Part title="Recorded input">
          {recorded === undefined ? (
            <p className="p-3 text-ink-soft">The step was called without input.</p>
          ) : (
            <JsonView value={recorded} what="recorded input" />
          )}
        </Part>
        <Part title="Input of the new run" note={isEdited ? "edited" : "as recorded"}>
          <JsonEditor label="Input of the new run" value={text} onChange={setText} onSubmit={submit} />
        </Part>
      </div>
      {read.problem !== undefined && (
        <p role="alert" className="text-bad">
          {read.problem}
        </p>
      )}
      <Plan run={run} stepId={stepId} />
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>Don’t rerun</Button>
        <Button
          look="primary"
          disabled={read.problem !== undefined || rerun.isPending}
          keys="Ctrl ↵"
          hint="Rerun"
          onClick={submit}
        >
          {isEdited ? "Rerun with this input" : "Rerun"}
        </Button>
      </div>
    </div>
  );
}

function Part({ title, note, children }: { title: string; note?: string; children: ReactNode }) {
  return (
    <section className="flex h-72 min-w-0 flex-col overflow-hidden rounded-lg border border-line">
      <h3 className="flex h-8 shrink-0 items-center gap-2 border-b border-line px-3 font-medium">
        {title}
        {note !== undefined && <span className="text-xs font-normal text-ink-faint">{note}</span>}
      </h3>
      {children}
    </section>
  );
}

function Plan({ run, stepId }: { run: string; stepId: string }) {
  const plan = useQuery(queries.rerunPlan(run, stepId));
  if (plan.error) return <Failed what="What will be reused" error={plan.error} retry={plan.refetch} />;
  if (!plan.data) return <Loading what="what will be reused" />;
  return (
    <div className="grid gap-3 md:grid-cols-2">
      <Steps
        title="Will be reused"
        steps={plan.data.reused ?? []}
        icon={<Check aria-hidden className="size-3.5 text-ok" />}
      />
      <Steps
        title="Will run again"
        note="With all that it does outside: payments, mails, writes."
        steps={plan.data.again ?? []}
        icon={<RotateCw aria-hidden className="size-3.5 text-wait" />}
      />
    </div>
  );
}

function Steps({
  title,
  note,
  steps,
  icon,
}: {
  title: string;
  note?: string;
  steps: PlannedStep[];
  icon: ReactNode;
}) {
  return (
    <section>
      <h3 className="font-medium">
        {title} <span className="font-normal text-ink-faint">{steps.length}</span>
      </h3>
      {note !== undefined && steps.length > 0 && <p className="text-xs text-ink-soft">{note}</p>}
      {steps.length === 0 ? (
        <p className="mt-1 text-ink-soft">Nothing</p>
      ) : (
        <ul className="mt-1 flex max-h-40 flex-col gap-0.5 overflow-auto" tabIndex={0} aria-label={title}>
          {steps.map((step) => (
            <li key={step.id} className="flex items-center gap-1.5">
              {icon}
              <span className="truncate">{step.name}</span>
              {step.isFailed && <span className="text-xs text-ink-faint">failed</span>}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
