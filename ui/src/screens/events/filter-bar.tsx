/** Which events are shown: by name, by time, by what holds for them. */
import { useQuery } from "@tanstack/react-query";
import { Radio, X } from "lucide-react";
import { queries } from "../../api/queries";
import { Button } from "../../kit/button";
import { EventName, eventNames } from "../../kit/event-name";
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
  const functions = useQuery(queries.functions());
  const triggers = (functions.data ?? []).flatMap((fn) => fn.triggers ?? []);
  return (
    <EventName
      label="Name of the events"
      placeholder="Any name"
      className="w-56 max-sm:w-full"
      value={filter.name}
      known={eventNames(triggers, seen)}
      onChange={(name) => onChange(compact({ ...filter, name }))}
    />
  );
}
