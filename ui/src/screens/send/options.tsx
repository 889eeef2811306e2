/** What an event can have besides its name and data. */
import { ChevronRight } from "lucide-react";
import { useState } from "react";
import { Field, Input } from "../../kit/fields";
import type { Draft, Problems } from "./draft";

interface Props {
  draft: Draft;
  problems: Problems;
  onChange: (values: Partial<Draft>) => void;
}

export function Options({ draft, problems, onChange }: Props) {
  const set = [draft.id && "id", draft.ts && "time", draft.user && "user"].filter(Boolean);
  const isWrong = problems.ts !== undefined || problems.user !== undefined;
  const [isOpen, setOpen] = useState(set.length > 0);
  return (
    <details
      open={isOpen || isWrong}
      onToggle={(event) => setOpen(event.currentTarget.open)}
      className="group border-t border-line"
    >
      <summary className="flex h-9 cursor-pointer list-none items-center gap-1.5 px-3 text-ink-soft hover:text-ink">
        <ChevronRight aria-hidden className="size-3.5 group-open:rotate-90" />
        Id, time and user
        <span className="text-ink-faint">{set.length > 0 ? `(${set.join(", ")} set)` : "(optional)"}</span>
      </summary>
      <div className="grid gap-3 px-3 pb-3 sm:grid-cols-3">
        <Field label="Id" note="Events with the same id start runs once.">
          {(id) => (
            <Input
              id={id}
              value={draft.id}
              className="w-full font-mono text-xs"
              onChange={(event) => onChange({ id: event.target.value })}
            />
          )}
        </Field>
        <Field label="Time" error={problems.ts} note="When it happened: Unix milliseconds or ISO.">
          {(id) => (
            <Input
              id={id}
              value={draft.ts}
              placeholder="now"
              className="w-full font-mono text-xs"
              onChange={(event) => onChange({ ts: event.target.value })}
            />
          )}
        </Field>
        <Field label="User" error={problems.user} note="A JSON object.">
          {(id) => (
            <Input
              id={id}
              value={draft.user}
              spellCheck={false}
              className="w-full font-mono text-xs"
              onChange={(event) => onChange({ user: event.target.value })}
            />
          )}
        </Field>
      </div>
    </details>
  );
}
