/** What is chosen before an operation is started: how runs are started again, and which of them. */
import type { SpanStatus } from "../api/types";
import { Status } from "../kit/status";
import type { Kind } from "./wish";

const KINDS: Record<Kind, readonly [word: string, what: string]> = {
  resume: ["Resume", "Keep the steps that succeeded, go on with the one that failed."],
  replay: ["Replay", "Start again from the event: every step runs again."],
  cancel: ["Cancel", "End those that are queued or running."],
};

interface KindProps {
  kinds: readonly Kind[];
  value: Kind;
  onChange: (kind: Kind) => void;
}

export function KindChoice({ kinds, value, onChange }: KindProps) {
  return (
    <fieldset className="flex flex-col gap-1.5">
      <legend className="sr-only">How</legend>
      {kinds.map((kind) => {
        const [word, what] = KINDS[kind];
        return (
          <label
            key={kind}
            className="flex cursor-pointer items-start gap-2.5 rounded-lg border border-line px-3 py-2 has-checked:border-accent has-checked:bg-accent-soft"
          >
            <input
              type="radio"
              name="kind"
              className="mt-0.5 size-4 accent-accent"
              checked={kind === value}
              onChange={() => onChange(kind)}
            />
            <span>
              <span className="font-medium">{word}</span>
              <span className="block text-ink-soft">{what}</span>
            </span>
          </label>
        );
      })}
    </fieldset>
  );
}

interface StatusProps {
  value: readonly SpanStatus[];
  error: string | undefined;
  onChange: (value: readonly SpanStatus[]) => void;
}

const ENDS: readonly SpanStatus[] = ["FAILED", "CANCELLED", "COMPLETED"];

export function StatusChoice({ value, error, onChange }: StatusProps) {
  return (
    <fieldset className="flex flex-wrap gap-x-5 gap-y-1">
      <legend className="mb-1 font-medium">Which of them</legend>
      {ENDS.map((status) => (
        <label key={status} className="flex min-h-6 cursor-pointer items-center gap-2">
          <input
            type="checkbox"
            className="size-4 accent-accent"
            checked={value.includes(status)}
            onChange={({ target }) =>
              onChange(target.checked ? [...value, status] : value.filter((it) => it !== status))
            }
          />
          <Status status={status} />
        </label>
      ))}
      {error !== undefined && (
        <p role="alert" className="w-full text-xs text-bad">
          {error}
        </p>
      )}
    </fieldset>
  );
}
