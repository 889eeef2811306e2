/** Which events are shown: by name, by time, by what holds for them. */
import { useQuery } from "@tanstack/react-query";
import { Radio, X } from "lucide-react";
import { useId, useState, type FormEvent } from "react";
import { queries } from "../../api/queries";
import { Button } from "../../kit/button";
import { Input } from "../../kit/fields";
import { TimeRange } from "../../kit/time-range";
import { ExpressionField } from "../../search/expression-field";
import { compact } from "../../url/search";
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
        <ExpressionField
          key={`search ${filter.search ?? ""}`}
          over="events"
          value={filter.search}
          placeholder='event.data.amount > 10 && event.name != "shop/paid"'
          onChange={(search) => onChange(compact({ ...filter, search }))}
        />
        <TimeRange
          range={filter}
          onChange={(range) => {
            const { name, search } = filter;
            onChange({ ...compact({ name, search, internal }), ...range });
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
