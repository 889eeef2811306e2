/** What happened in all of the time, beside the time before it. */
import clsx from "clsx";
import type { RunCounts } from "../../api/types";
import { failureRate, percent } from "../../kit/charts";
import { count, duration } from "../../time/format";
import { changeWords } from "./series";

interface Props {
  now: RunCounts | undefined;
  before: RunCounts | undefined;
}

interface Total {
  name: string;
  read: (counts: RunCounts) => number | undefined;
  format: (value: number) => string;
  /** More of it is worse. */
  isBad?: boolean;
}

const TOTALS: readonly Total[] = [
  { name: "Runs started", read: (it) => it.started, format: count },
  { name: "Completed", read: (it) => it.completed, format: count },
  { name: "Failed", read: (it) => it.failed, format: count, isBad: true },
  { name: "Failure rate", read: failureRate, format: percent, isBad: true },
  { name: "Duration, p95", read: (it) => it.durationMs?.p95, format: duration, isBad: true },
  { name: "Time queued, p95", read: (it) => it.queueDelayMs?.p95, format: duration, isBad: true },
];

export function Totals({ now, before }: Props) {
  return (
    <dl className="grid shrink-0 grid-cols-2 gap-px overflow-hidden rounded-lg border border-line bg-line sm:grid-cols-3 xl:grid-cols-6">
      {TOTALS.map(({ name, read, format, isBad = false }) => {
        const value = now && read(now);
        const valueBefore = before && read(before);
        const change = changeWords(value, valueBefore);
        const isMore = change !== undefined && change !== "as before" && (value ?? 0) > (valueBefore ?? 0);
        return (
          <div key={name} className="min-h-21 bg-surface px-3 py-2.5">
            <dt className="text-ink-soft">{name}</dt>
            <dd className="text-xl leading-7 font-semibold tracking-tight">
              {value === undefined ? <span className="text-ink-faint">–</span> : format(value)}
            </dd>
            <dd className={clsx("min-h-4.5 text-xs", isBad && isMore ? "text-bad" : "text-ink-faint")}>
              {change ?? (value !== undefined && before && "nothing before")}
            </dd>
          </div>
        );
      })}
    </dl>
  );
}
