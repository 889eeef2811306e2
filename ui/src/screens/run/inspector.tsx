/** All that is known of what is selected: the run, a step, an attempt. Payloads are read once their tab is opened. */
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { queries } from "../../api/queries";
import type { Run, Span, Trace } from "../../api/types";
import { useKeys } from "../../keys/hooks";
import { JsonView } from "../../kit/json";
import { Panel } from "../../kit/panel";
import { Empty, Failed, Loading } from "../../kit/states";
import { Status } from "../../kit/status";
import { Tabs, type Tab } from "../../kit/tabs";
import { bytes } from "../../time/format";
import { attemptsOf, nameOf, pathTo } from "../../waterfall";
import { Attempts, Calls } from "./attempts";
import { ErrorView } from "./error-view";
import { EventInput } from "./event-input";
import { Linked } from "./linked";
import { MetadataView } from "./metadata-view";
import { Summary } from "./summary";

interface Props {
  run: Run;
  trace: Trace;
  step: string | undefined;
  tab: string | undefined;
  onTab: (tab: string) => void;
  onStep: (step: string | undefined) => void;
}

export function Inspector(props: Props) {
  const { run, trace, step, tab, onTab, onStep } = props;
  const path = step === undefined ? [trace.rootSpan] : pathTo(trace.rootSpan, step);
  const span = path?.at(-1);
  const isRun = span === trace.rootSpan;
  const tabs = span ? (isRun ? runTabs(run, trace, onStep) : spanTabs(run, span, onStep)) : [];
  useKeys(
    "Run",
    tabs.map(({ id }, i) => ({
      keys: `alt+${i + 1}`,
      does: `Tab ${i + 1} of the inspector`,
      run: () => onTab(id),
    })),
  );
  if (!span) {
    return (
      <Panel className="flex-1">
        <Empty title="There is no such step in this run" />
      </Panel>
    );
  }
  return (
    <Panel
      className="flex-1 overflow-hidden"
      title={isRun ? "Run" : nameOf(span)}
      actions={<Status status={run.isSkipped && isRun ? "SKIPPED" : span.status} />}
    >
      <Tabs
        label="About it"
        tabs={tabs}
        current={tab ?? (span.error === undefined ? "summary" : "error")}
        onChange={onTab}
      />
    </Panel>
  );
}

function runTabs(run: Run, trace: Trace, onStep: (step: string) => void): Tab[] {
  const root = trace.rootSpan;
  return [
    { id: "summary", title: "Summary", content: () => <Summary run={run} span={root} /> },
    { id: "input", title: "Input", content: () => <EventInput run={run} /> },
    ...when(root.status === "COMPLETED", {
      id: "output",
      title: "Output",
      content: () => <Payload run={run.id} span={root} of="output" />,
    }),
    ...when(root.error !== undefined, {
      id: "error",
      title: "Error",
      content: () => <ErrorView error={root.error ?? {}} />,
    }),
    ...when((trace.calls ?? []).length > 0, {
      id: "calls",
      title: "Calls",
      content: () => <Calls trace={trace} onStep={onStep} />,
    }),
    ...metadata(root),
    { id: "linked", title: "Linked", content: () => <Linked run={run} span={root} isRun onStep={onStep} /> },
  ];
}

function spanTabs(run: Run, span: Span, onStep: (step: string) => void): Tab[] {
  const isStep = span.stepOp !== undefined;
  const attempts = attemptsOf(span);
  const gives = isStep && span.stepOp !== "SLEEP" && span.status === "COMPLETED";
  const takes = span.stepOp === "RUN" || span.stepOp === "INVOKE" || span.stepOp === "AI_GATEWAY";
  const asks = span.stepOp === "AI_GATEWAY";
  const isLinked =
    (span.links ?? []).length > 0 ||
    span.stepInfo?.runID !== undefined ||
    span.stepInfo?.foundEventID !== undefined;
  return [
    { id: "summary", title: "Summary", content: () => <Summary run={run} span={span} /> },
    ...when(takes, {
      id: "input",
      title: "Input",
      content: () => <Payload run={run.id} span={span} of="input" />,
    }),
    ...when(gives, {
      id: "output",
      title: "Output",
      content: () => <Payload run={run.id} span={span} of="output" />,
    }),
    ...when(span.error !== undefined, {
      id: "error",
      title: "Error",
      content: () => <ErrorView error={span.error ?? {}} />,
    }),
    ...when(attempts.length > 0, {
      id: "attempts",
      title: `Attempts ${attempts.length}`,
      content: () => <Attempts attempts={attempts} onStep={onStep} />,
    }),
    ...when(asks, {
      id: "request",
      title: "Request",
      content: () => <Payload run={run.id} span={span} of="request" />,
    }),
    ...when(span.userland !== undefined, {
      id: "trace",
      title: "Trace",
      content: () => <JsonView value={span.userland} what="trace" />,
    }),
    ...metadata(span),
    ...when(isLinked, {
      id: "linked",
      title: "Linked",
      content: () => <Linked run={run} span={span} isRun={false} onStep={onStep} />,
    }),
  ];
}

function metadata(span: Span): Tab[] {
  const items = span.metadata ?? [];
  return when(items.length > 0, {
    id: "metadata",
    title: "Metadata",
    content: () => <MetadataView items={items} />,
  });
}

function when(isThere: boolean, tab: Tab): Tab[] {
  return isThere ? [tab] : [];
}

const NOTHING = {
  input: "No input was recorded",
  output: "There is no output",
  request: "No request was recorded",
};

/** A payload of a span; traces come without. */
function Payload({ run, span, of }: { run: string; span: Span; of: "input" | "output" | "request" }) {
  const trace = useQuery(queries.traceWithOutput(run));
  if (trace.error && !trace.data)
    return <Failed what={`The ${of}`} error={trace.error} retry={trace.refetch} />;
  if (!trace.data) return <Loading what={`the ${of}`} />;
  const full = pathTo(trace.data.rootSpan, span.id)?.at(-1);
  const value = full?.[of];
  if (value === undefined) {
    const size = of === "input" ? full?.inputSize : undefined;
    if (size !== undefined)
      return <Empty title="The input was too large to be kept">It had {bytes(Number(size))}.</Empty>;
    return <Empty title={NOTHING[of]}>{of === "input" && "The step was called without arguments."}</Empty>;
  }
  return <Filled>{<JsonView key={`${span.id} ${of}`} value={value} what={of} />}</Filled>;
}

function Filled({ children }: { children: ReactNode }) {
  return <div className="flex h-full min-h-72 flex-col">{children}</div>;
}
