/** Which runs are shown: by status, by what they are of, by time, by what holds for them. */
import { useQuery } from "@tanstack/react-query";
import { X } from "lucide-react";
import { queries } from "../../api/queries";
import type { Attribute } from "../../api/types";
import { Button } from "../../kit/button";
import { EventName, eventNames } from "../../kit/event-name";
import { Select } from "../../kit/fields";
import { Segments } from "../../kit/segments";
import { TimeRange } from "../../kit/time-range";
import { ExpressionField } from "../../search/expression-field";
import { compact } from "../../url/search";
import { Chips } from "./chips";
import { MoreFilters } from "./more-filters";
import { isFiltered, type RunFilter } from "./params";
import { StatusFilter } from "./status-filter";

interface Props {
  filter: RunFilter;
  attributes: readonly Attribute[];
  onChange: (filter: RunFilter) => void;
}

const TIMES = [
  { value: "queuedAt", word: "Queued" },
  { value: "startedAt", word: "Started" },
  { value: "endedAt", word: "Ended" },
] as const;

export function FilterBar({ filter, attributes, onChange }: Props) {
  const set = (changes: { [K in keyof RunFilter]?: RunFilter[K] | undefined }) =>
    onChange(compact({ ...filter, ...changes }));
  const functions = useQuery(queries.functions()).data ?? [];
  const apps = [...new Set(functions.map((fn) => fn.app.id))].sort();
  const sorted = functions
    .map((fn) => ({ id: fn.slug, word: fn.name || fn.id }))
    .sort((a, b) => a.word.localeCompare(b.word));
  const { timeField } = filter;
  return (
    <div className="flex flex-col gap-2">
      <div role="search" aria-label="Runs" className="flex flex-wrap items-start gap-2">
        <StatusFilter
          value={filter.status ?? []}
          onChange={(status) => set({ status: status.length > 0 ? status : undefined })}
        />
        <OneOf
          label="Function"
          none="All functions"
          value={filter.functionId}
          options={sorted}
          onChange={(functionId) => set({ functionId })}
        />
        {(apps.length > 1 || filter.appId !== undefined) && (
          <OneOf
            label="App"
            none="All apps"
            value={filter.appId}
            options={apps.map((app) => ({ id: app, word: app }))}
            onChange={(appId) => set({ appId })}
          />
        )}
        <EventName
          key={filter.eventName ?? ""}
          label="Event that triggered them"
          placeholder="Any event"
          className="w-44 max-sm:flex-1"
          value={filter.eventName}
          known={eventNames(functions.flatMap((fn) => fn.triggers ?? []))}
          onChange={(eventName) => set({ eventName })}
        />
        <div className="ml-auto flex flex-wrap gap-2 max-sm:ml-0 max-sm:w-full">
          <TimeRange
            range={filter}
            field={TIMES.find(({ value }) => value === timeField)?.word}
            onChange={({ since, from, until }) => set({ since, from, until })}
          >
            <Segments
              label="Which time"
              value={timeField ?? "queuedAt"}
              options={TIMES}
              onChange={(field) => set({ timeField: field === "queuedAt" ? undefined : field })}
            />
          </TimeRange>
          <MoreFilters
            key={JSON.stringify(filter)}
            filter={filter}
            attributes={attributes}
            onChange={onChange}
          />
          {isFiltered(filter) && (
            <Button look="ghost" icon={<X aria-hidden className="size-3.5" />} onClick={() => onChange({})}>
              Clear
            </Button>
          )}
        </div>
      </div>
      <div className="flex flex-wrap items-start gap-2">
        <ExpressionField
          key={filter.search ?? ""}
          over="runs"
          value={filter.search}
          placeholder='event.data.amount > 10 && error.message.contains("declined")'
          onChange={(search) => set({ search })}
        />
      </div>
      <Chips filter={filter} onChange={onChange} />
    </div>
  );
}

interface OneOfProps {
  label: string;
  none: string;
  /** Links may name several: these stay until another one is chosen. */
  value: readonly string[] | undefined;
  options: readonly { id: string; word: string }[];
  onChange: (value: string[] | undefined) => void;
}

function OneOf({ label, none, value = [], options, onChange }: OneOfProps) {
  const chosen = value.join(",");
  const isKnown = options.some((option) => option.id === chosen) || chosen === "";
  return (
    <Select
      aria-label={label}
      className="max-w-52 min-w-0 max-sm:flex-1"
      value={chosen}
      onChange={({ target }) => onChange(target.value === "" ? undefined : target.value.split(","))}
    >
      <option value="">{none}</option>
      {!isKnown && <option value={chosen}>{value.join(" or ")}</option>}
      {options.map((option) => (
        <option key={option.id} value={option.id}>
          {option.word}
        </option>
      ))}
    </Select>
  );
}
