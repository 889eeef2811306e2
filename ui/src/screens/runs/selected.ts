/** Rows that are selected, as a filter: the API takes no list of ids, but an expression that names them. */
import type { Run } from "../../api/types";
import type { BulkFilter } from "../../bulk";

/** An expression has 64 KiB at most, and an id takes 29 characters of it. */
export const SELECTED_MAX = 2000;

export function selectedFilter(runs: readonly Run[]): BulkFilter {
  const times = runs.map((run) => Date.parse(run.queuedAt));
  const ids = runs.map((run) => `"${run.id}"`).join(",");
  return {
    // The time in which they were queued, so that nothing else is searched.
    from: new Date(Math.min(...times)).toISOString(),
    until: new Date(Math.max(...times) + 1).toISOString(),
    search: `run.id in [${ids}]`,
  };
}
