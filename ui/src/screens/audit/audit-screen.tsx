/** The audit log: what people did here, newest first. */
import { useInfiniteQuery } from "@tanstack/react-query";
import { RefreshCw, Search, X } from "lucide-react";
import { useState, type FormEvent } from "react";
import { queries } from "../../api/queries";
import type { AuditEntry } from "../../api/types";
import { Button } from "../../kit/button";
import { Input, Select } from "../../kit/fields";
import { Heading, Panel } from "../../kit/panel";
import { useRowKeys } from "../../kit/row-keys";
import { Empty, Failed, Loading } from "../../kit/states";
import { serverClock } from "../../time/clock";
import { useZone, zonedTime } from "../../time/zone";
import { AuditTable } from "./audit-table";
import { actionWord, fits, KNOWN_ACTIONS, type AuditFilter } from "./entries";
import { useAuditFilter } from "./params";

export function AuditScreen() {
  const [filter, change] = useAuditFilter();
  const audit = useInfiniteQuery(queries.audit());
  const all = audit.data?.pages.flatMap((page) => page.items);
  const shown = all?.filter((entry) => fits(filter, entry)) ?? [];
  const isFiltered = Object.keys(filter).length > 0;
  const area = useRowKeys<HTMLDivElement>("Audit log");
  return (
    <div className="flex h-full min-h-0 flex-col gap-3">
      <Heading title="Audit log" note={<span className="max-sm:hidden">what people did, newest first</span>}>
        <Button
          icon={<RefreshCw aria-hidden className="size-3.5" />}
          disabled={audit.isFetching}
          onClick={() => void audit.refetch()}
        >
          Read again
        </Button>
      </Heading>
      <FilterBar key={filter.text ?? ""} filter={filter} all={all ?? []} onChange={change} />
      <Panel className="min-h-72 flex-1 overflow-hidden">
        <div ref={area} className="min-h-0 flex-1 overflow-auto">
          {audit.error && !all ? (
            <Failed what="The audit log" error={audit.error} retry={audit.refetch} />
          ) : !all ? (
            <Loading what="the audit log" />
          ) : (
            <>
              {shown.length > 0 ? (
                <AuditTable entries={shown} />
              ) : (
                <Nothing isFiltered={isFiltered} onClear={() => change({})} />
              )}
              {all.length > 0 && (
                <End
                  all={all}
                  found={isFiltered ? shown.length : undefined}
                  hasMore={audit.hasNextPage}
                  isFetching={audit.isFetchingNextPage}
                  error={audit.isFetchNextPageError ? audit.error : null}
                  onMore={() => void audit.fetchNextPage()}
                />
              )}
            </>
          )}
        </div>
      </Panel>
    </div>
  );
}

interface BarProps {
  filter: AuditFilter;
  all: readonly AuditEntry[];
  onChange: (filter: AuditFilter) => void;
}

function FilterBar({ filter, all, onChange }: BarProps) {
  const [text, setText] = useState(filter.text ?? "");
  const actions = [...new Set([...KNOWN_ACTIONS, ...all.map(({ action }) => action)])];
  const sorted = actions.toSorted((a, b) => actionWord(a).localeCompare(actionWord(b)));
  const { action, text: before = "" } = filter;
  const withAction = (next: string) => (next === "" ? {} : { action: next });
  const withText = (next: string) => (next === "" ? {} : { text: next });
  const apply = () => {
    const next = text.trim();
    if (next !== before) onChange({ ...withAction(action ?? ""), ...withText(next) });
  };
  return (
    <div role="search" aria-label="Audit log" className="flex flex-wrap gap-2">
      <Select
        aria-label="What was done"
        className="max-w-56 min-w-0"
        value={action ?? ""}
        onChange={({ target: { value } }) => onChange({ ...withAction(value), ...withText(before) })}
      >
        <option value="">Everything that was done</option>
        {sorted.map((it) => (
          <option key={it} value={it}>
            {actionWord(it)}
          </option>
        ))}
      </Select>
      <form
        className="relative flex min-w-48 flex-1 items-center sm:max-w-96"
        onSubmit={(event: FormEvent) => {
          event.preventDefault();
          apply();
        }}
      >
        <Search aria-hidden className="pointer-events-none absolute left-2 size-3.5 text-ink-faint" />
        <Input
          aria-label="Who, why, or to what"
          value={text}
          placeholder="Who, why, or the id of what"
          spellCheck={false}
          autoComplete="off"
          className="w-full !pl-7"
          onChange={(event) => setText(event.target.value)}
          onBlur={apply}
        />
      </form>
      {(action !== undefined || before !== "") && (
        <Button look="ghost" icon={<X aria-hidden className="size-3.5" />} onClick={() => onChange({})}>
          Clear
        </Button>
      )}
    </div>
  );
}

function Nothing({ isFiltered, onClear }: { isFiltered: boolean; onClear: () => void }) {
  if (!isFiltered)
    return (
      <Empty title="Nobody has done anything yet">
        What people do to runs, functions and limits is noted here, with who did it and why.
      </Empty>
    );
  return (
    <Empty title="No entry fits, so far">
      <Button className="mt-3" onClick={onClear}>
        Show all entries
      </Button>
    </Empty>
  );
}

interface EndProps {
  all: readonly AuditEntry[];
  /** How many fit; nothing without a filter. */
  found: number | undefined;
  hasMore: boolean;
  isFetching: boolean;
  error: Error | null;
  onMore: () => void;
}

/** The filter is applied to what was read: how far back that goes is said. */
function End({ all, found, hasMore, isFetching, error, onMore }: EndProps) {
  const [zone] = useZone();
  const last = all.at(-1);
  const count = all.length.toLocaleString("en-US");
  return (
    <div className="flex flex-wrap items-center justify-center gap-3 px-3 py-3 text-ink-soft">
      {error ? (
        <span role="alert" className="text-bad">
          More could not be loaded: {error.message}
        </span>
      ) : found !== undefined ? (
        <span>
          {found.toLocaleString("en-US")} of {count} entries
          {hasMore &&
            last &&
            `, looked back to ${zonedTime(Date.parse(last.at), zone, { now: serverClock.now() })}`}
          .
        </span>
      ) : (
        !hasMore && <span>These are all.</span>
      )}
      {hasMore && (
        <Button disabled={isFetching} onClick={onMore}>
          {isFetching ? "Looking…" : found === undefined ? "Older entries" : "Look further back"}
        </Button>
      )}
    </div>
  );
}
