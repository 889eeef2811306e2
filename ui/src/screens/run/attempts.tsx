/** What was tried: the attempts of a step, or every call of a run. */
import type { ReactNode } from "react";
import type { Call, Span, Trace } from "../../api/types";
import { Status } from "../../kit/status";
import { duration } from "../../time/format";
import { nameOf } from "../../waterfall";
import { Moment } from "./summary";

/** Calls of a run that are listed; a run of many steps has as many. */
const CALLS_SHOWN = 200;

export function Attempts({ attempts, onStep }: { attempts: Span[]; onStep: (step: string) => void }) {
  return (
    <ol className="flex flex-col">
      {attempts.map((attempt) => (
        <li key={attempt.id} className="flex flex-col gap-1 border-b border-line px-3 py-2">
          <div className="flex items-center gap-3">
            <button
              type="button"
              className="font-medium text-accent hover:underline"
              onClick={() => onStep(attempt.id)}
            >
              {nameOf(attempt)}
            </button>
            <Status status={attempt.status} />
            <span className="ml-auto text-ink-soft">
              {attempt.httpStatus !== undefined && `HTTP ${attempt.httpStatus} · `}
              {attempt.durationMs !== undefined && duration(Number(attempt.durationMs))}
            </span>
          </div>
          {(attempt.timing?.backoffMs ?? 0) > 0 && (
            <p className="text-ink-soft">{duration(attempt.timing?.backoffMs ?? 0)} of back-off before it</p>
          )}
          {attempt.error?.message !== undefined && (
            <p className="break-words text-bad">{attempt.error.message}</p>
          )}
        </li>
      ))}
    </ol>
  );
}

const OUTCOMES: Record<Call["outcome"], string> = {
  SUCCEEDED: "succeeded",
  RETRIED: "retried",
  FAILED: "failed",
};

export function Calls({ trace, onStep }: { trace: Trace; onStep: (step: string) => void }) {
  const calls = trace.calls ?? [];
  const steps = new Map((trace.rootSpan.children ?? []).map((span) => [span.stepId ?? "", span]));
  return (
    <div>
      <table className="w-full">
        <thead className="text-left text-xs text-ink-soft">
          <tr className="border-b border-line">
            <Head>Call</Head>
            <Head>Started</Head>
            <Head isNumber>Took</Head>
            <Head isNumber>HTTP</Head>
          </tr>
        </thead>
        <tbody>
          {calls.slice(0, CALLS_SHOWN).map((call) => {
            const step = steps.get(call.stepId ?? "none");
            return (
              <tr key={call.spanId} className="border-b border-line align-top">
                <td className="px-3 py-1.5">
                  {step ? (
                    <button
                      type="button"
                      className="text-left text-accent hover:underline"
                      onClick={() => onStep(step.id)}
                    >
                      {step.name}
                    </button>
                  ) : (
                    "The function"
                  )}
                  <span
                    className={
                      call.outcome === "SUCCEEDED" ? "block text-xs text-ink-faint" : "block text-xs text-bad"
                    }
                  >
                    attempt {(call.attempt ?? 0) + 1} {OUTCOMES[call.outcome]}
                  </span>
                </td>
                <td className="px-3 py-1.5 text-ink-soft">
                  <Moment at={call.startedAt} />
                </td>
                <td className="px-3 py-1.5 text-right">{duration(call.durationMs)}</td>
                <td className="px-3 py-1.5 text-right">{call.httpStatus ?? "–"}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
      {calls.length > CALLS_SHOWN && (
        <p className="p-3 text-ink-soft">
          The first {CALLS_SHOWN} of {calls.length} calls. The export has all of them.
        </p>
      )}
    </div>
  );
}

function Head({ children, isNumber = false }: { children: ReactNode; isNumber?: boolean }) {
  return (
    <th scope="col" className={`px-3 py-1.5 font-medium ${isNumber ? "text-right" : ""}`}>
      {children}
    </th>
  );
}
