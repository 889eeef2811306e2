/** What is chosen before an operation is started: how runs are started again, and which of them. */
import type { SpanStatus } from "../api/types";
import { Choice } from "../kit/choice";
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
  const options = kinds.map((kind) => [kind, ...KINDS[kind]] as const);
  return <Choice title="How" isTitleHidden options={options} value={value} onChange={onChange} />;
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
