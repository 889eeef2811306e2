/** Errors of runs that are alike, those seen last first. */
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { queries } from "../../api/queries";
import { Button } from "../../kit/button";
import { Followed } from "../../kit/followed";
import { Heading } from "../../kit/panel";
import { Segments } from "../../kit/segments";
import { Empty, Failed, Loading } from "../../kit/states";
import { FunctionSelect } from "../functions/function-select";
import { ErrorTable } from "./error-table";
import { filterParams, useErrorFilter, type ErrorFilter, type Shown } from "./filter";

/** Over how long the runs of each are counted. */
const COUNTED = "24h";

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
  const query = queries.errors({ ...filterParams(filter), counts: COUNTED });
  const errors = useInfiniteQuery(query);
  const functions = useQuery(queries.functions()).data ?? [];
  const groups = errors.data?.pages.flatMap((page) => page.items);
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
        <FunctionSelect
          value={filter.function}
          onChange={(slug) =>
            change({ status: filter.status, ...(slug !== undefined && { function: slug }) })
          }
        />
      </div>
      <Followed title="Errors" topic="errors" queryKey={query.queryKey} news="Errors have changed since">
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
      </Followed>
    </div>
  );
}

interface FilterProps {
  filter: ErrorFilter;
  onChange: (filter: ErrorFilter) => void;
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
