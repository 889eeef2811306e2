/** Why the run does not go on, or how it ended: with links to the evidence. */
import { useQuery } from "@tanstack/react-query";
import { CircleAlert, Hourglass, Info } from "lucide-react";
import { queries } from "../../api/queries";
import type { Reason, Run } from "../../api/types";
import { isEnded, runStatus } from "../../kit/status";
import { useRefetchOn } from "../../live/hooks";
import { useNow } from "../../time/clock";
import { useZone } from "../../time/zone";
import { Link } from "../../url/link";
import { paths } from "../../url/paths";
import { sentence, withTimes } from "./words";

/** Of many holders of a limit so many are named. */
const HOLDERS_SHOWN = 3;

export function WhyBar({ run }: { run: Run }) {
  const status = runStatus(run);
  const isOver = isEnded(status);
  // What other runs do changes why this one waits.
  useRefetchOn(isOver ? undefined : "flow", [["run", run.id, "explain"]]);
  const explanation = useQuery(queries.runExplanation(run.id));
  const reasons = (explanation.data?.reasons ?? []).filter((reason) => reason.kind !== "executing");
  if (status === "COMPLETED" || reasons.length === 0) return null;
  const [look, Icon] =
    status === "FAILED"
      ? (["bg-bad-soft text-bad", CircleAlert] as const)
      : isOver
        ? (["bg-off-soft text-off", Info] as const)
        : (["bg-wait-soft text-wait", Hourglass] as const);
  return (
    <section aria-label="Why" className={`flex gap-2.5 rounded-lg px-3 py-2 ${look}`}>
      <Icon aria-hidden className="mt-0.5 size-4 shrink-0" />
      <ul className="flex max-h-32 min-w-0 flex-col gap-1 overflow-y-auto">
        {reasons.map((reason, i) => (
          <li key={i}>
            <Why reason={reason} isTicking={!isOver} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Why({ reason, isTicking }: { reason: Reason; isTicking: boolean }) {
  const now = useNow(isTicking);
  const [zone] = useZone();
  const holders = reason.limit?.holders ?? [];
  const missed = reason.nearMisses?.length ?? 0;
  return (
    <p className="break-words">
      {sentence(withTimes(reason.text, zone, now))}.
      {holders.length > 0 && (
        <>
          {" Held by "}
          {holders.slice(0, HOLDERS_SHOWN).map(({ runId }, i) => (
            <span key={runId}>
              {i > 0 && ", "}
              <Link to={paths.run(runId)} className="font-mono text-xs underline">
                {runId}
              </Link>
            </span>
          ))}
          {holders.length > HOLDERS_SHOWN && ` and ${holders.length - HOLDERS_SHOWN} more`}.
        </>
      )}
      {missed > 0 &&
        ` ${missed === 1 ? "An event came that does" : `${missed} events came that do`} not fit.`}
      {reason.error?.message !== undefined &&
        reason.kind !== "ended" &&
        ` Its last error: ${reason.error.message}`}
    </p>
  );
}
