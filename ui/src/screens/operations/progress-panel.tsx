/** How far an operation is: counts, rate, and when it will be done. */
import type { ReactNode } from "react";
import type { Operation } from "../../api/types";
import { Panel } from "../../kit/panel";
import { Elapsed } from "../../kit/time";
import { duration } from "../../time/format";
import { averageRate, isOver, rateOf, timeLeft, type Sample, type Total } from "./progress";
import { PARTS, ProgressBar } from "./progress-bar";

interface Props {
  operation: Operation;
  total: Total | undefined;
  samples: readonly Sample[];
}

export function ProgressPanel({ operation, total, samples }: Props) {
  const { counts } = operation;
  const hasEnded = isOver(operation);
  const rate = hasEnded ? averageRate(operation) : rateOf(samples);
  const left = timeLeft(operation, total, rate);
  return (
    <Panel className="shrink-0">
      <div className="flex flex-col gap-3 p-3">
        <div className="flex flex-wrap items-baseline gap-x-4">
          <p className="text-base">
            <span className="font-semibold">{counts.matched.toLocaleString("en-US")}</span>
            {operation.state !== "COMPLETED" && total && (
              <>
                {" "}
                of {total.isExact ? "" : "at least "}
                {total.runs.toLocaleString("en-US")}
              </>
            )}{" "}
            {(total?.runs ?? counts.matched) === 1 ? "run" : "runs"}
          </p>
          {left !== undefined && (
            <p className="text-ink-soft">
              {total?.isExact ? "about" : "at least"} {duration(left)} left
            </p>
          )}
        </div>
        <ProgressBar
          counts={counts}
          total={total}
          isMoving={!hasEnded}
          label="Runs that were looked at"
          className="h-2"
        />
        <dl className="grid grid-cols-2 gap-x-6 gap-y-3 sm:grid-cols-3 lg:grid-cols-5">
          {PARTS.map(({ name, word, bar }) => (
            <Figure
              key={name}
              name={
                <>
                  <span aria-hidden className={`size-2 rounded-xs ${bar}`} />
                  {word}
                </>
              }
            >
              {counts[name].toLocaleString("en-US")}
            </Figure>
          ))}
          <Figure name="Rate">
            {rate === undefined ? "–" : `${rate.toFixed(rate < 10 ? 1 : 0)} per second`}
          </Figure>
          <Figure name={hasEnded ? "Took" : "Since"}>
            <Elapsed from={operation.createdAt} to={operation.endedAt} />
          </Figure>
        </dl>
      </div>
    </Panel>
  );
}

function Figure({ name, children }: { name: ReactNode; children: ReactNode }) {
  return (
    <div>
      <dt className="flex items-center gap-1.5 text-xs text-ink-soft">{name}</dt>
      <dd className="text-base">{children}</dd>
    </div>
  );
}
