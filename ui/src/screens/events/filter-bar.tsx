/** Which events are shown: by name, by time, by what holds for them. */
import { useQuery } from "@tanstack/react-query";
import { Radio, Search, X } from "lucide-react";
import { useId, useState, type FormEvent, type ReactNode } from "react";
import { send } from "../../api/client";
import { queries } from "../../api/queries";
import { useKeys } from "../../keys/hooks";
import { Button } from "../../kit/button";
import { Input } from "../../kit/fields";
import { TimeRange } from "./time-range";
import { isFiltered, type EventFilter } from "./params";

interface Props {
  filter: EventFilter;
  /** Names of events that are shown: they are suggested. */
  seen: readonly string[];
  onChange: (filter: EventFilter) => void;
}

export function FilterBar({ filter, seen, onChange }: Props) {
  const { internal, ...rest } = filter;
  return (
    <div className="flex flex-col gap-1.5">
      <div role="search" aria-label="Events" className="flex flex-wrap items-start gap-2">
        <NameFilter key={`name ${filter.name ?? ""}`} filter={filter} seen={seen} onChange={onChange} />
        <SearchFilter key={`search ${filter.search ?? ""}`} filter={filter} onChange={onChange} />
        <TimeRange
          range={filter}
          onChange={(range) => {
            const { name, search } = filter;
            onChange({
              ...(name === undefined ? {} : { name }),
              ...(search === undefined ? {} : { search }),
              ...(internal === undefined ? {} : { internal }),
              ...range,
            });
          }}
        />
        <Button
          aria-pressed={internal === "yes"}
          className={internal === "yes" ? "!border-accent !bg-accent-soft" : ""}
          hint="Also those that the server sends itself: of schedules, of invokes, of runs that failed"
          icon={<Radio aria-hidden className="size-3.5" />}
          onClick={() => onChange(internal === "yes" ? rest : { ...rest, internal: "yes" })}
        >
          Internal
        </Button>
        {isFiltered(filter) && (
          <Button look="ghost" icon={<X aria-hidden className="size-3.5" />} onClick={() => onChange({})}>
            Clear
          </Button>
        )}
      </div>
    </div>
  );
}

function NameFilter({ filter, seen, onChange }: Props) {
  const id = useId();
  const [text, setText] = useState(filter.name ?? "");
  const functions = useQuery(queries.functions());
  const triggers = (functions.data ?? []).flatMap((fn) => fn.triggers ?? []);
  const names = triggers.filter(({ type, value }) => type === "EVENT" && !value.endsWith("*"));
  const known = [...new Set([...names.map(({ value }) => value), ...seen])].sort();
  const apply = (value: string) => {
    const { name: before = "", ...rest } = filter;
    const name = value.trim();
    if (name !== before) onChange(name === "" ? rest : { ...rest, name });
  };
  const type = (value: string) => {
    setText(value);
    // One that was picked is meant as it is.
    if (known.includes(value) || value === "") apply(value);
  };
  return (
    <form
      className="w-56 max-sm:w-full"
      onSubmit={(event: FormEvent) => {
        event.preventDefault();
        apply(text);
      }}
    >
      <Input
        aria-label="Name of the events"
        list={id}
        value={text}
        placeholder="Any name"
        autoComplete="off"
        spellCheck={false}
        className="w-full"
        onChange={(event) => type(event.target.value)}
        onBlur={() => apply(text)}
      />
      <datalist id={id}>
        {known.map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
    </form>
  );
}

interface Verdict {
  isValid: boolean;
  error?: { message: string; line: number; column: number; excerpt: string };
}

/** An expression is asked about before it is searched with, so that what is wrong with it is shown where it is. */
function SearchFilter({ filter, onChange }: Omit<Props, "seen">) {
  const id = useId();
  const [text, setText] = useState(filter.search ?? "");
  const [problem, setProblem] = useState<ReactNode>();
  useKeys("Events", [
    { keys: "f", does: "Search by an expression", run: () => document.getElementById(id)?.focus() },
  ]);
  const apply = async () => {
    const { search: before = "", ...rest } = filter;
    const search = text.trim();
    if (search === before) return setProblem(undefined);
    if (search === "") return onChange(rest);
    try {
      const verdict = await send<Verdict>("v2/search/validate", { search, over: "events" });
      if (verdict.isValid) return onChange({ ...rest, search });
      return setProblem(
        <>
          {verdict.error?.message}
          <code className="block whitespace-pre">{verdict.error?.excerpt}</code>
        </>,
      );
    } catch (error) {
      return setProblem(error instanceof Error ? error.message : String(error));
    }
  };
  return (
    <form
      className="min-w-56 flex-1"
      onSubmit={(event: FormEvent) => {
        event.preventDefault();
        void apply();
      }}
    >
      <div className="relative flex items-center">
        <Search aria-hidden className="pointer-events-none absolute left-2 size-3.5 text-ink-faint" />
        <Input
          id={id}
          aria-label="Expression that holds for the events"
          aria-invalid={problem !== undefined}
          aria-describedby={`${id}-problem`}
          value={text}
          placeholder='event.data.amount > 10 && event.name != "shop/paid"'
          spellCheck={false}
          autoComplete="off"
          className="w-full !pl-7 font-mono text-xs"
          onChange={(event) => {
            setText(event.target.value);
            setProblem(undefined);
          }}
        />
      </div>
      <div id={`${id}-problem`} role="alert" className="overflow-x-auto text-xs text-bad">
        {problem}
      </div>
    </form>
  );
}
