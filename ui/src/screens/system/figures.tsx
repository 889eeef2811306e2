/** What the server does now, and what it did since it started. */
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { Samples } from "../../api/samples";
import { queries } from "../../api/queries";
import { Panel } from "../../kit/panel";
import { Failed } from "../../kit/states";
import { count, duration } from "../../time/format";
import { Link } from "../../url/link";
import { paths } from "../../url/paths";
import { quantileMs } from "./storage";

export function Figures() {
  const samples = useQuery(queries.samples());
  if (samples.error && !samples.data)
    return (
      <Panel>
        <Failed what="The figures" error={samples.error} retry={samples.refetch} />
      </Panel>
    );
  return (
    <dl className="grid grid-cols-2 gap-px overflow-hidden rounded-lg border border-line bg-line sm:grid-cols-4">
      {figuresOf(samples.data).map(({ name, what, value, isBad = false }) => (
        <div key={name} className="flex min-h-21 flex-col bg-surface px-3 py-2.5">
          <dt className="text-ink-soft">{name}</dt>
          <dd className={`text-xl leading-7 font-semibold tracking-tight ${isBad ? "text-bad" : ""}`}>
            {value}
          </dd>
          <dd className="text-xs text-ink-faint">{what}</dd>
        </div>
      ))}
    </dl>
  );
}

interface Figure {
  name: string;
  what: ReactNode;
  value: ReactNode;
  isBad?: boolean;
}

function figuresOf(samples: Samples | undefined): Figure[] {
  const of = (name: string) => {
    const value = samples?.value(name);
    return value === undefined ? <span className="text-ink-faint">–</span> : count(value);
  };
  const buckets = samples?.of("everstep_commit_seconds_bucket") ?? [];
  const failures = samples?.value("everstep_commit_failures_total") ?? 0;
  const [half, most] = [quantileMs(buckets, 0.5), quantileMs(buckets, 0.99)];
  return [
    { name: "Calls in flight", value: of("everstep_calls_in_flight"), what: "to apps, now" },
    {
      name: "Calls waiting",
      value: of("inngest_queue_depth"),
      what: (
        <>
          due, and held up:{" "}
          <Link to={paths.flow()} className="text-accent underline">
            why
          </Link>
        </>
      ),
    },
    { name: "Calls due soon", value: of("everstep_calls_delayed"), what: "within minutes" },
    { name: "Runs in memory", value: of("everstep_runs_resident"), what: "the others wait on disk" },
    { name: "Waits", value: of("everstep_waits_live"), what: "of runs, for events and signals" },
    { name: "Events", value: of("everstep_events_received_total"), what: "taken in since it started" },
    {
      name: "Commits",
      value: half === undefined ? <span className="text-ink-faint">–</span> : atMost(half),
      what: most === undefined ? "until they are on disk" : `half of them; 99 % ${bound(most)}`,
    },
    {
      name: "Commits that failed",
      value: of("everstep_commit_failures_total"),
      what: "and were made again",
      isBad: failures > 0,
    },
  ];
}

function bound(ms: number): string {
  return Number.isFinite(ms) ? atMost(ms) : "took longer than is measured";
}

function atMost(ms: number): string {
  return ms < 1 ? duration(ms) : `≤ ${duration(ms)}`;
}
