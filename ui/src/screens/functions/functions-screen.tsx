/** All functions: what starts each, how its runs of a day did, what of it waits, what limits it. */
import { useQuery } from "@tanstack/react-query";
import { Archive, Search, X } from "lucide-react";
import { queries } from "../../api/queries";
import { useKeys } from "../../keys/hooks";
import { Button } from "../../kit/button";
import { Input } from "../../kit/fields";
import { Heading, Panel } from "../../kit/panel";
import { useRowKeys } from "../../kit/row-keys";
import { Empty, Failed, Loading } from "../../kit/states";
import { useRefetchOn } from "../../live/hooks";
import { Link } from "../../url/link";
import { paths } from "../../url/paths";
import { matches, sorted } from "./filter";
import { FunctionTable } from "./function-table";
import { useFreshMetrics } from "./live";
import { useFilter, type FunctionFilter } from "./params";

const FILTER = "function-filter";

export function FunctionsScreen() {
  const [filter, change] = useFilter();
  const functions = useQuery(queries.functions());
  const area = useRowKeys<HTMLDivElement>("Functions");
  useRefetchOn("functions", [["functions"]]);
  useFreshMetrics();
  useKeys("Functions", [{ keys: "f", does: "Filter", run: () => document.getElementById(FILTER)?.focus() }]);
  const all = functions.data ?? [];
  const current = all.filter((fn) => filter.archived === "yes" || !fn.isArchived);
  const shown = sorted(current).filter((fn) => matches(fn, filter.q ?? ""));
  const counted =
    shown.length === current.length ? String(current.length) : `${shown.length} of ${current.length}`;
  return (
    <div className="flex h-full min-h-0 flex-col gap-3">
      <Heading title="Functions" note={functions.data && counted} />
      <FilterBar filter={filter} archived={all.filter((fn) => fn.isArchived).length} onChange={change} />
      <Panel className="min-h-72 flex-1 overflow-hidden">
        <div ref={area} className="min-h-0 flex-1 overflow-auto">
          {functions.error && !functions.data ? (
            <Failed what="The functions" error={functions.error} retry={functions.refetch} />
          ) : !functions.data ? (
            <Loading what="the functions" />
          ) : shown.length > 0 ? (
            <FunctionTable functions={shown} />
          ) : current.length > 0 ? (
            <Empty title="No function fits">
              <p>None has all of these words in its name, app or triggers: {filter.q}</p>
              <Button className="mt-3" onClick={() => change({})}>
                Show all functions
              </Button>
            </Empty>
          ) : (
            <Empty title="There is no function yet">
              Functions come with the apps that serve them:{" "}
              <Link to={paths.apps()} className="text-accent underline">
                connect an app
              </Link>
              .
            </Empty>
          )}
        </div>
      </Panel>
    </div>
  );
}

interface BarProps {
  filter: FunctionFilter;
  /** How many are no longer in their app. */
  archived: number;
  onChange: (filter: FunctionFilter) => void;
}

function FilterBar({ filter, archived, onChange }: BarProps) {
  const { q = "", ...rest } = filter;
  return (
    <div role="search" aria-label="Functions" className="flex flex-wrap items-center gap-2">
      <div className="relative flex min-w-56 flex-1 items-center">
        <Search aria-hidden className="pointer-events-none absolute left-2 size-3.5 text-ink-faint" />
        <Input
          id={FILTER}
          aria-label="Filter the functions"
          value={q}
          placeholder="Name, app, event, schedule, paused"
          spellCheck={false}
          autoComplete="off"
          className="w-full !pl-7"
          onChange={({ target: { value } }) => onChange(value === "" ? rest : { ...rest, q: value })}
          onKeyDown={(event) => event.key === "Escape" && onChange(rest)}
        />
      </div>
      {archived > 0 && (
        <Button
          aria-pressed={filter.archived === "yes"}
          className={filter.archived === "yes" ? "!border-accent !bg-accent-soft" : ""}
          hint="Also those that their app no longer has"
          icon={<Archive aria-hidden className="size-3.5" />}
          onClick={() => onChange(q === "" ? toggled(filter) : { ...toggled(filter), q })}
        >
          Archived
        </Button>
      )}
      {q !== "" && (
        <Button look="ghost" icon={<X aria-hidden className="size-3.5" />} onClick={() => onChange(rest)}>
          Clear
        </Button>
      )}
    </div>
  );
}

function toggled({ archived }: FunctionFilter): FunctionFilter {
  return archived === "yes" ? {} : { archived: "yes" };
}
