/** When something happened: any time, a time back from now, or from one time to another. */
import { Clock } from "lucide-react";
import { Popover } from "radix-ui";
import { useState, type FormEvent, type ReactNode } from "react";
import { Button } from "./button";
import { Field, Input } from "./fields";
import { serverClock } from "../time/clock";
import { parseRange, PRESETS, rangeWords, type Range } from "../time/range";
import { useZone } from "../time/zone";

interface Props {
  range: Range;
  onChange: (range: Range) => void;
  /** What happened then, such as `Started`, where it could be something else; before the time. */
  field?: string | undefined;
  /** Where that is chosen. */
  children?: ReactNode;
}

export function TimeRange({ range, onChange, field, children }: Props) {
  const [isOpen, setOpen] = useState(false);
  const isSet = range.since !== undefined || range.from !== undefined || range.until !== undefined;
  const pick = (next: Range) => {
    onChange(next);
    setOpen(false);
  };
  const [zone] = useZone();
  return (
    <Popover.Root open={isOpen} onOpenChange={setOpen}>
      <Popover.Trigger asChild>
        <Button icon={<Clock aria-hidden className="size-3.5" />}>
          {isSet ? [field, rangeWords(range, zone)].filter(Boolean).join(" ") : "Any time"}
        </Button>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          align="end"
          sideOffset={4}
          collisionPadding={8}
          aria-label="Time"
          className="z-50 flex w-72 flex-col gap-3 rounded-lg border border-line bg-raised p-3 shadow-panel"
        >
          {children}
          <div className="grid grid-cols-4 gap-1">
            {PRESETS.map((since) => (
              <Button
                key={since}
                aria-pressed={range.since === since}
                className={range.since === since ? "!border-accent !bg-accent-soft" : ""}
                onClick={() => pick({ since })}
              >
                {since}
              </Button>
            ))}
          </div>
          <Typed onPick={pick} />
          <Button look="ghost" onClick={() => pick({})}>
            Any time
          </Button>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

function Typed({ onPick }: { onPick: (range: Range) => void }) {
  const [text, setText] = useState("");
  const [error, setError] = useState<string>();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const range = parseRange(text, serverClock.now());
    if (range) onPick(range);
    else setError("Such as 90s, yesterday or 14:00..15:30.");
  };
  return (
    <form onSubmit={submit} className="flex items-end gap-2">
      <div className="min-w-0 flex-1">
        <Field label="Or typed" error={error}>
          {(id) => (
            <Input
              id={id}
              value={text}
              placeholder="14:00..15:30, yesterday, 90s"
              className="w-full"
              onChange={(event) => {
                setText(event.target.value);
                setError(undefined);
              }}
            />
          )}
        </Field>
      </div>
      <Button type="submit" className={error === undefined ? "" : "self-center"}>
        Set
      </Button>
    </form>
  );
}
