/** What starts a function, in a line. */
import { CalendarClock, Radio } from "lucide-react";
import type { Trigger } from "../../api/types";
import { cronWords } from "../../time/cron";

export function Triggers({ triggers }: { triggers: readonly Trigger[] }) {
  if (triggers.length === 0) return <span className="text-ink-faint">Only when it is invoked</span>;
  return (
    <ul className="flex min-w-0 gap-x-3 overflow-hidden">
      {triggers.map((trigger) => (
        <li
          key={`${trigger.type} ${trigger.value} ${trigger.if ?? ""}`}
          className="flex min-w-0 items-center gap-1.5"
          title={[trigger.value, trigger.if && `if ${trigger.if}`].filter(Boolean).join(" ")}
        >
          {trigger.type === "CRON" ? (
            <CalendarClock aria-label="Schedule" className="size-3.5 shrink-0 text-ink-faint" />
          ) : (
            <Radio aria-label="Event" className="size-3.5 shrink-0 text-ink-faint" />
          )}
          <span className="truncate">
            {trigger.type === "CRON" ? cronWords(trigger.value) : trigger.value}
            {trigger.if !== undefined && <span className="text-ink-faint"> if …</span>}
          </span>
        </li>
      ))}
    </ul>
  );
}
