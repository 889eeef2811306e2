/** Which states of runs are shown: none chosen is all. */
import clsx from "clsx";
import { LOOKS, StatusIcon } from "../../kit/status";
import type { SpanStatus } from "../../api/types";
import { STATUSES } from "./params";

interface Props {
  value: readonly SpanStatus[];
  onChange: (value: SpanStatus[]) => void;
}

export function StatusFilter({ value, onChange }: Props) {
  const press = (status: SpanStatus) =>
    onChange(
      value.includes(status)
        ? value.filter((it) => it !== status)
        : STATUSES.filter((it) => it === status || value.includes(it)),
    );
  return (
    <div
      role="group"
      aria-label="Status"
      className="inline-flex h-7 items-stretch rounded-md border border-line-strong/50 bg-raised p-px max-sm:w-full"
    >
      {STATUSES.map((status) => (
        <button
          key={status}
          type="button"
          title={LOOKS[status].word}
          aria-pressed={value.includes(status)}
          onClick={() => press(status)}
          className={clsx(
            "inline-flex items-center gap-1.5 rounded-[5px] px-2 whitespace-nowrap select-none max-sm:flex-1 max-sm:justify-center",
            value.includes(status)
              ? "bg-accent-soft font-medium text-ink"
              : "text-ink-soft hover:bg-sunken hover:text-ink",
          )}
        >
          <StatusIcon status={status} className="!animate-none" />
          <span className="max-sm:sr-only">{LOOKS[status].word}</span>
        </button>
      ))}
    </div>
  );
}
