/** The audit log: what people did here, newest first. */
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { Search, X } from "lucide-react";
import { useState, type FormEvent } from "react";
import { queries } from "../../api/queries";
import type { AuditEntry } from "../../api/types";
import { Button } from "../../kit/button";
import { Input, Select } from "../../kit/fields";
import { Followed } from "../../kit/followed";
import { Heading } from "../../kit/panel";
import { Empty, Failed, Loading } from "../../kit/states";
import { TimeRange } from "../../kit/time-range";
import { FunctionSelect } from "../functions/function-select";
import { AuditTable } from "./audit-table";
import { actionWord, KNOWN_ACTIONS } from "./entries";
import { filterParams, useAuditFilter, withText, type AuditFilter } from "./params";

export function AuditScreen() {
  const [filter, change] = useAuditFilter();
  const query = queries.audit(filterParams(filter));
  const audit = useInfiniteQuery({ ...query, placeholderData: keepPreviousData });
  const entries = audit.data?.pages.flatMap((page) => page.items);
  return (
    <div className="flex h-full min-h-0 flex-col gap-3">
      <Heading
        title="Audit log"
        note={<span className="max-sm:hidden">what people did, newest first</span>}
      />
      <FilterBar
        key={filter.run ?? filter.actor ?? ""}
        filter={filter}
        seen={entries ?? []}
        onChange={change}
      />
      <Followed title="Audit log" topic="audit" queryKey={query.queryKey} news="More was done since">
        {audit.error && !entries ? (
          <Failed what="The audit log" error={audit.error} retry={audit.refetch} />
        ) : !entries ? (
          <Loading what="the audit log" />
        ) : entries.length > 0 ? (
          <AuditTable entries={entries} />
        ) : (
          !audit.hasNextPage && <Nothing filter={filter} onClear={() => change({})} />
        )}
        {audit.hasNextPage && (
          <div className="p-2 text-center">
            <Button disabled={audit.isFetchingNextPage} onClick={() => void audit.fetchNextPage()}>
              {audit.isFetchNextPageError ? "Could not be loaded: try again" : "Older entries"}
            </Button>
          </div>
        )}
      </Followed>
    </div>
  );
}

interface BarProps {
  filter: AuditFilter;
  seen: readonly AuditEntry[];
  onChange: (filter: AuditFilter) => void;
}

function FilterBar({ filter, seen, onChange }: BarProps) {
  const { action, function: slug, since, from, until, ...rest } = filter;
  const before = filter.run ?? filter.actor ?? "";
  const [text, setText] = useState(before);
  const actions = [...new Set([...KNOWN_ACTIONS, ...seen.map((entry) => entry.action)])];
  const actors = [...new Set(seen.flatMap(({ actor }) => actor ?? []))];
  const apply = (event?: FormEvent) => {
    event?.preventDefault();
    if (text.trim() !== before) onChange(withText(filter, text.trim()));
  };
  const range = { ...(since && { since }), ...(from && { from }), ...(until && { until }) };
  const of = { ...(slug && { function: slug }) };
  const did = { ...(action && { action }) };
  return (
    <div role="search" aria-label="Audit log" className="flex flex-wrap gap-2">
      <Select
        aria-label="What was done"
        className="max-w-56 min-w-0"
        value={action ?? ""}
        onChange={({ target: { value } }) =>
          onChange({ ...rest, ...of, ...range, ...(value && { action: value }) })
        }
      >
        <option value="">Everything that was done</option>
        {actions
          .toSorted((a, b) => actionWord(a).localeCompare(actionWord(b)))
          .map((it) => (
            <option key={it} value={it}>
              {actionWord(it)}
            </option>
          ))}
      </Select>
      <FunctionSelect
        value={slug}
        onChange={(next) => onChange({ ...rest, ...did, ...range, ...(next && { function: next }) })}
      />
      <form className="relative flex min-w-48 flex-1 items-center sm:max-w-80" onSubmit={apply}>
        <Search aria-hidden className="pointer-events-none absolute left-2 size-3.5 text-ink-faint" />
        <Input
          aria-label="Who did it, or to which run"
          list="audit-actors"
          value={text}
          placeholder="Who, or the id of a run"
          spellCheck={false}
          autoComplete="off"
          className="w-full !pl-7"
          onChange={(event) => setText(event.target.value)}
          onBlur={() => apply()}
        />
        <datalist id="audit-actors">
          {actors.map((actor) => (
            <option key={actor} value={actor} />
          ))}
        </datalist>
      </form>
      <TimeRange range={range} onChange={(next) => onChange({ ...rest, ...did, ...of, ...next })} />
      {Object.keys(filter).length > 0 && (
        <Button look="ghost" icon={<X aria-hidden className="size-3.5" />} onClick={() => onChange({})}>
          Clear
        </Button>
      )}
    </div>
  );
}

function Nothing({ filter, onClear }: { filter: AuditFilter; onClear: () => void }) {
  if (Object.keys(filter).length === 0)
    return (
      <Empty title="Nobody has done anything yet">
        What people do to runs, functions and limits is noted here, with who did it and why.
      </Empty>
    );
  return (
    <Empty title="No entry fits">
      <Button className="mt-3" onClick={onClear}>
        Show all entries
      </Button>
    </Empty>
  );
}
