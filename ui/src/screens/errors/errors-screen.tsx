/** Errors of runs that are alike, those seen last first. */
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { queries } from "../../api/queries";
import type { Function } from "../../api/types";
import { useKeys } from "../../keys/hooks";
import { Button } from "../../kit/button";
import { Select } from "../../kit/fields";
import { Heading, Panel } from "../../kit/panel";
import { useRowKeys } from "../../kit/row-keys";
import { Segments } from "../../kit/segments";
import { Empty, Failed, Loading } from "../../kit/states";
import { ErrorTable } from "./error-table";
import { filterParams, useErrorFilter, type ErrorFilter, type Shown } from "./filter";
import { useLiveErrors } from "./list-live";

/** Nobody is looking at a row that would move. */
const AT_TOP_PX = 8;

const STATUSES = [
  { value: "open", word: "Open" },
  { value: "resolved", word: "Resolved" },
  { value: "ignored", word: "Ignored" },
  { value: "all", word: "All" },
] as const;

const NONE: Record<Shown, string> = {
  open: "No error is open",
  resolved: "No error is resolved",
  ignored: "No error is ignored",
  all: "No run has failed",
};

export function ErrorsScreen() {
  const [filter, change] = useErrorFilter();
  const query = queries.errors(filterParams(filter));
  const errors = useInfiniteQuery(query);
  const functions = useQuery(queries.functions()).data ?? [];
  const groups = errors.data?.pages.flatMap((page) => page.items);
  const area = useRowKeys<HTMLDivElement>("Errors");
  const [isAtTop, setAtTop] = useState(true);
  const [isFocused, setFocused] = useState(false);
  const { isChanged, show } = useLiveErrors(query.queryKey, isAtTop && !isFocused);
  const showNew = () => {
    area.current?.scrollTo({ top: 0 });
    show();
  };
  useKeys("Errors", [
    { keys: "n", does: "Show what failed since", run: () => (isChanged ? showNew() : false) },
  ]);

  return (
    <div className="flex h-full min-h-0 flex-col gap-3">
      <Heading title="Errors" note={<span className="max-sm:hidden">alike ones together</span>} />
      <div role="search" aria-label="Errors" className="flex flex-wrap gap-2">
        <Segments
          label="Status"
          value={filter.status}
          options={STATUSES}
          onChange={(status) => change({ ...filter, status })}
        />
        <FunctionFilter filter={filter} functions={functions} onChange={change} />
      </div>
      <Panel className="relative min-h-72 flex-1 overflow-hidden">
        {isChanged && (
          <Button
            look="primary"
            keys="n"
            hint="Show them"
            className="!absolute top-10 left-1/2 z-20 -translate-x-1/2 rounded-full shadow-panel"
            onClick={showNew}
          >
            Runs have failed since
          </Button>
        )}
        <div
          ref={area}
          onScroll={({ currentTarget }) => setAtTop(currentTarget.scrollTop < AT_TOP_PX)}
          onFocus={() => setFocused(true)}
          onBlur={() => setFocused(false)}
          className="min-h-0 flex-1 overflow-auto"
        >
          {errors.error && !groups ? (
            <Failed what="The errors" error={errors.error} retry={errors.refetch} />
          ) : !groups ? (
            <Loading what="the errors" />
          ) : groups.length === 0 ? (
            <NoErrors filter={filter} onChange={change} />
          ) : (
            <ErrorTable groups={groups} functions={functions} />
          )}
          {errors.hasNextPage && (
            <div className="p-2 text-center">
              <Button disabled={errors.isFetchingNextPage} onClick={() => void errors.fetchNextPage()}>
                {errors.isFetchNextPageError ? "Could not be loaded: try again" : "More"}
              </Button>
            </div>
          )}
        </div>
      </Panel>
    </div>
  );
}

interface FilterProps {
  filter: ErrorFilter;
  onChange: (filter: ErrorFilter) => void;
}

function FunctionFilter({ filter, functions, onChange }: FilterProps & { functions: readonly Function[] }) {
  const { function: slug, status } = filter;
  const isKnown = slug === undefined || functions.some((fn) => fn.slug === slug);
  const sorted = functions.toSorted((a, b) => (a.name || a.id).localeCompare(b.name || b.id));
  return (
    <Select
      aria-label="Function"
      className="max-w-64 min-w-0"
      value={slug ?? ""}
      onChange={({ target: { value } }) => onChange(value === "" ? { status } : { status, function: value })}
    >
      <option value="">All functions</option>
      {!isKnown && <option value={slug}>{slug}</option>}
      {sorted.map((fn) => (
        <option key={fn.slug} value={fn.slug}>
          {fn.name || fn.id}
        </option>
      ))}
    </Select>
  );
}

function NoErrors({ filter, onChange }: FilterProps) {
  const isAll = filter.status === "all" && filter.function === undefined;
  return (
    <Empty title={filter.function === undefined ? NONE[filter.status] : `${NONE[filter.status]} here`}>
      <p>
        {isAll
          ? "Once a run fails for good, its error is here, together with those like it."
          : filter.function === undefined
            ? "Errors that were decided about are under the other words above."
            : `Of the function ${filter.function}.`}
      </p>
      {!isAll && (
        <Button className="mt-3" onClick={() => onChange({ status: "all" })}>
          Show all errors
        </Button>
      )}
    </Empty>
  );
}
