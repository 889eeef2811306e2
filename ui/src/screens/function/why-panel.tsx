/** What the function does right now, and why it does not do more. */
import { useQuery } from "@tanstack/react-query";
import { CirclePause, Hourglass, Moon, Play } from "lucide-react";
import { queries } from "../../api/queries";
import type { FlowReport, Function, Pause, Reason } from "../../api/types";
import { Age } from "../../kit/time";
import { useRefetchOn } from "../../live/hooks";
import { useNow } from "../../time/clock";
import { duration } from "../../time/format";
import { useZone } from "../../time/zone";
import { Link } from "../../url/link";
import { paths } from "../../url/paths";
import { counted } from "../flow/words";
import { sentence, withTimes } from "../run/words";
import { heldBy, HOLDERS_SHOWN, withoutHolders } from "./reasons";

const PAUSED = {
  skip: "New runs are skipped",
  queue: "New runs wait until it is resumed",
  finish: "those under way go on to their end",
  hold: "those under way are held where they are",
} as const;

export function WhyPanel({ fn }: { fn: Function }) {
  const flow = useQuery(queries.flow(fn.slug));
  const explanation = useQuery(queries.flowExplanation(fn.slug));
  useRefetchOn("flow", [["flow", fn.slug]]);
  if (flow.error && !flow.data)
    return (
      <p role="alert" className="rounded-lg bg-bad-soft px-3 py-2 text-bad">
        What the function does now could not be loaded: {flow.error.message}
      </p>
    );
  const report = flow.data;
  // What is in flight and waits is told with the figures.
  const reasons = (explanation.data?.reasons ?? []).filter(
    ({ kind }) => !["idle", "backlog", "paused"].includes(kind),
  );
  const isHeld = report !== undefined && (report.pause != null || report.backlog > 0 || reasons.length > 0);
  const Icon = report?.pause ? CirclePause : isHeld ? Hourglass : (report?.inUse ?? 0) > 0 ? Play : Moon;
  return (
    <section
      aria-label="Why is it not running?"
      className={`flex min-h-9 shrink-0 gap-2.5 rounded-lg px-3 py-2 ${isHeld ? "bg-wait-soft text-wait" : "border border-line bg-surface text-ink-soft"}`}
    >
      <Icon aria-hidden className="mt-0.5 size-4 shrink-0" />
      <div className="flex min-w-0 flex-1 flex-col gap-1">
        {report?.pause && <Paused pause={report.pause} />}
        {report && <Now report={report} />}
        {reasons.length > 0 && (
          <ul className="flex max-h-40 flex-col gap-1 overflow-y-auto">
            {reasons.map((reason) => (
              <li key={`${reason.kind} ${reason.text}`}>
                <Why reason={reason} />
              </li>
            ))}
          </ul>
        )}
      </div>
      {isHeld && (
        <Link
          to={paths.flow({ function: fn.slug })}
          className="shrink-0 self-start whitespace-nowrap underline"
        >
          Flow control
        </Link>
      )}
    </section>
  );
}

function Paused({ pause }: { pause: Pause }) {
  return (
    <p>
      <span className="font-medium">Paused</span> <Age at={pause.pausedAt} />
      {pause.reason && <>: “{pause.reason}”</>}. {PAUSED[pause.newRuns]}, {PAUSED[pause.running]}.
    </p>
  );
}

function Now({ report }: { report: FlowReport }) {
  const { inUse, backlog, oldestAgeMs, readAt } = report;
  const now = useNow(backlog > 0);
  if (inUse === 0 && backlog === 0) return <p>No call is in flight, and none waits.</p>;
  return (
    <p>
      {counted(inUse, "call")} in flight, {backlog.toLocaleString("en-US")} waiting
      {oldestAgeMs != null && `, the oldest for ${duration(oldestAgeMs + Math.max(0, now - readAt))}`}.
    </p>
  );
}

function Why({ reason }: { reason: Reason }) {
  const now = useNow();
  const [zone] = useZone();
  const holders = heldBy(reason);
  return (
    <p className="break-words">
      {sentence(withTimes(withoutHolders(reason.text), zone, now))}.
      {holders.length > 0 && (
        <>
          {" Held by "}
          {holders.slice(0, HOLDERS_SHOWN).map((run, i) => (
            <span key={run}>
              {i > 0 && ", "}
              <Link to={paths.run(run)} className="font-mono text-xs underline">
                {run}
              </Link>
            </span>
          ))}
          {holders.length > HOLDERS_SHOWN && ` and ${holders.length - HOLDERS_SHOWN} more`}.
        </>
      )}
    </p>
  );
}
