/** How far an operation is, and what came of the runs that it looked at. */
import clsx from "clsx";
import type { OperationCounts } from "../../api/types";
import type { Total } from "./progress";

export const PARTS = [
  { name: "done", word: "Done", bar: "bg-ok-bar" },
  { name: "skipped", word: "Skipped", bar: "bg-off-bar" },
  { name: "failed", word: "Failed", bar: "bg-bad-bar" },
] as const;

interface Props {
  counts: OperationCounts;
  /** Not known yet: the bar says that something is done, not how far it is. */
  total: Total | undefined;
  isMoving: boolean;
  label: string;
  className?: string;
}

export function ProgressBar({ counts, total, isMoving, label, className }: Props) {
  const all = Math.max(total?.runs ?? 0, counts.matched);
  const isKnown = total !== undefined && all > 0;
  return (
    <div
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      {...(isKnown ? { "aria-valuenow": counts.matched, "aria-valuemax": all } : {})}
      className={clsx("flex overflow-hidden rounded-full bg-sunken", className)}
    >
      {isKnown
        ? PARTS.map(({ name, bar }) => (
            <div key={name} className={bar} style={{ width: `${(counts[name] / all) * 100}%` }} />
          ))
        : isMoving && <div className="hatched w-full animate-pulse bg-run-bar" />}
    </div>
  );
}
