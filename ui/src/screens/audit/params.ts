/** What the URL says of the audit log: which entries are shown. */
import type { Params } from "../../api/client";
import type { Range } from "../../time/range";
import { useUrlSearch } from "../../url/navigation";
import { compact, one, type Search } from "../../url/search";
import type { AuditSearch } from "../../url/searches";

export interface AuditFilter extends Range {
  action?: string;
  actor?: string;
  /** The slug of a function. */
  function?: string;
  /** Id of a run. */
  run?: string;
}

export function readFilter(search: Search): AuditFilter {
  const from = one(search["from"]);
  return compact({
    action: one(search["action"]),
    actor: one(search["actor"]),
    function: one(search["function"]),
    run: one(search["run"]),
    // A time of its own is more exact than how long ago it was.
    since: from === undefined ? one(search["since"]) : undefined,
    from,
    until: one(search["until"]),
  });
}

/** As the API takes it. */
export function filterParams({
  action,
  actor,
  function: slug,
  run,
  since,
  from,
  until,
}: AuditFilter): Params {
  return compact({ action, actor, functionId: slug, runId: run, from: from ?? since, until });
}

const RUN_ID = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/i;

/** Who did it, or to which run: ids of runs are told by their form. */
export function withText(filter: AuditFilter, text: string): AuditFilter {
  const isRun = RUN_ID.test(text);
  return compact({
    ...filter,
    run: isRun ? text.toUpperCase() : undefined,
    actor: isRun || text === "" ? undefined : text,
  });
}

export function useAuditFilter(): [AuditFilter, (filter: AuditFilter) => void] {
  const { search, set } = useUrlSearch<AuditSearch>();
  return [readFilter(search), (filter) => set({ ...filter })];
}
