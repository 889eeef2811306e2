/** What one looks for most: views that need not be saved. */
import { paths, type Address } from "../url/paths";
import type { CountName } from "./counts";

export interface View {
  name: string;
  to: Address;
  /** How many there are, where that is cheap to know. */
  count?: CountName;
}

const day = { since: "24h", timeField: "endedAt" };

export const BUILT_IN: readonly View[] = [
  { name: "Running", to: paths.runs({ status: "RUNNING" }) },
  { name: "Queued", to: paths.runs({ status: "QUEUED" }) },
  {
    name: "Running for over an hour",
    to: paths.runs({ status: "RUNNING", search: "run.started_at < now_minus('1h')" }),
  },
  { name: "Failed in 24 hours", to: paths.runs({ status: "FAILED", ...day }), count: "failed" },
  { name: "Cancelled in 24 hours", to: paths.runs({ status: "CANCELLED", ...day }), count: "cancelled" },
  { name: "Skipped in 24 hours", to: paths.runs({ status: "SKIPPED", since: "24h" }), count: "skipped" },
  {
    name: "Took over a minute",
    to: paths.runs({ status: "COMPLETED", ...day, search: "run.duration > duration('1m')" }),
  },
  { name: "Errors that are open", to: paths.errors() },
  { name: "Calls that wait", to: paths.flow({ show: "busy" }), count: "waiting" },
  { name: "Paused functions", to: paths.functions({ q: "paused" }), count: "paused" },
];
