/** The facts of a run or a step, and where its time went. */
import clsx from "clsx";
import type { ReactNode } from "react";
import type { Run, Span, StepInfo } from "../../api/types";
import { copy } from "../../kit/copy";
import { Facts } from "../../kit/panel";
import { isEnded } from "../../kit/status";
import { useNow } from "../../time/clock";
import { age, duration } from "../../time/format";
import { useZone, zonedTime } from "../../time/zone";
import { Link } from "../../url/link";
import { paths } from "../../url/paths";
import { attemptsOf, segmentLook, segmentsOf, SEGMENT_WORDS } from "../../waterfall";
import { StepControls } from "./step-controls";

export function Summary({ run, span }: { run: Run; span: Span }) {
  const attributes = span.stepOp === undefined ? Object.entries(run.attributes ?? {}) : [];
  const isRun = span.stepOp === undefined && span.name === "Run";
  return (
    <div className="flex flex-col gap-4 p-3">
      <StepControls run={run.id} span={span} />
      {!isRun && <TimeSpent span={span} />}
      <Facts
        items={[
          ["Queued", <Moment key="queued" at={span.queuedAt} />],
          span.startedAt !== undefined && ["Started", <Moment key="started" at={span.startedAt} />],
          span.endedAt !== undefined && ["Ended", <Moment key="ended" at={span.endedAt} />],
          span.stepType !== undefined && span.stepType !== "" && ["Kind", kindOf(span.stepType)],
          isRun &&
            run.startedAt !== undefined && [
              "Queued for",
              duration(Date.parse(run.startedAt) - Date.parse(run.queuedAt)),
            ],
          isRun && ["Steps", stepsOf(span)],
          ...infoFacts(span.stepInfo ?? {}),
          attemptsOf(span).length > 0 && ["Attempts", attemptsOf(span).length],
          span.httpStatus !== undefined && ["HTTP status", span.httpStatus],
          span.skipReason !== undefined && ["Skipped", span.skipReason],
          span.skipExistingRunId !== undefined && [
            "Because of",
            <RunLink key="existing" id={span.skipExistingRunId} />,
          ],
          span.stepId !== undefined && ["Step id", <Code key="step" text={span.stepId} what="step id" />],
          ["Span id", <Code key="span" text={span.id} what="span id" />],
          ...(isRun ? attributes.map(([name, value]) => [name, value] as const) : []),
        ]}
      />
    </div>
  );
}

/** `WAIT_FOR_EVENT` and `step.sendEvent` as people write them. */
function kindOf(type: string): string {
  return /^[A-Z_]+$/.test(type) ? type.toLowerCase().replaceAll("_", " ") : type;
}

function stepsOf(root: Span): string {
  const steps = (root.children ?? []).filter((span) => span.stepId !== undefined);
  const failed = steps.filter((span) => span.status === "FAILED").length;
  return failed > 0 ? `${steps.length}, ${failed} of them failed` : String(steps.length);
}

function infoFacts(info: StepInfo): (readonly [string, ReactNode] | false)[] {
  return [
    info.sleepUntil !== undefined && ["Until", <Moment key="until" at={info.sleepUntil} />],
    info.eventName !== undefined && ["Event", <code key="event">{info.eventName}</code>],
    info.signal !== undefined && ["Signal", <code key="signal">{info.signal}</code>],
    info.expression !== undefined && [
      "If",
      <code key="if" className="rounded bg-sunken px-1 py-0.5 text-xs break-words">
        {info.expression}
      </code>,
    ],
    info.functionID !== undefined && ["Function", info.functionID],
    info.runID !== undefined && ["Run", <RunLink key="run" id={info.runID} />],
    info.foundEventID !== undefined && ["Got event", <EventLink key="found" id={info.foundEventID} />],
    info.triggeringEventID !== undefined && [
      "Sent event",
      <EventLink key="sent" id={info.triggeringEventID} />,
    ],
    info.timeout !== undefined && ["Times out", <Moment key="timeout" at={info.timeout} />],
    info.timedOut === true && ["Timed out", "yes"],
  ];
}

/** Where the time went, as the bar shows it. */
function TimeSpent({ span }: { span: Span }) {
  const now = useNow(!isEnded(span.status));
  const segments = segmentsOf(span, now).filter((segment) => segment.to > segment.from);
  const whole = segments.reduce((sum, segment) => sum + segment.to - segment.from, 0);
  if (segments.length < 2 || whole <= 0) return null;
  return (
    <section aria-label="Where the time went" className="flex flex-col gap-1">
      {segments.map((segment, i) => (
        <div key={i} className="grid grid-cols-[5.5rem_minmax(0,1fr)_4.5rem] items-center gap-2">
          <span className="text-ink-soft">{SEGMENT_WORDS[segment.kind]}</span>
          <span className="relative flex h-3 items-center rounded-sm bg-sunken">
            <span
              aria-hidden
              className={clsx("min-w-0.5 rounded-[2px]", segmentLook(segment, span.status))}
              style={{
                marginLeft: `${(sumBefore(segments, i) / whole) * 100}%`,
                width: `${((segment.to - segment.from) / whole) * 100}%`,
              }}
            />
          </span>
          <span className="text-right">{duration(segment.to - segment.from)}</span>
        </div>
      ))}
    </section>
  );
}

function sumBefore(segments: readonly { from: number; to: number }[], index: number): number {
  return segments.slice(0, index).reduce((sum, segment) => sum + segment.to - segment.from, 0);
}

export function Moment({ at }: { at: string }) {
  const now = useNow();
  const [zone] = useZone();
  const time = Date.parse(at);
  return (
    <time dateTime={at}>
      {zonedTime(time, zone, { now, ms: true })} <span className="text-ink-faint">({age(time, now)})</span>
    </time>
  );
}

function Code({ text, what }: { text: string; what: string }) {
  return (
    <button
      type="button"
      title={`${text}: copy`}
      className="block max-w-full truncate font-mono text-xs hover:underline"
      onClick={() => void copy(text, what)}
    >
      {text}
    </button>
  );
}

export function RunLink({ id }: { id: string }) {
  return (
    <Link to={paths.run(id)} className="font-mono text-xs break-all text-accent hover:underline">
      {id}
    </Link>
  );
}

export function EventLink({ id }: { id: string }) {
  return (
    <Link to={paths.event(id)} className="font-mono text-xs break-all text-accent hover:underline">
      {id}
    </Link>
  );
}
