/** The rows of the list of events. */
import { Link } from "@tanstack/react-router";
import { memo } from "react";
import type { Event, Run } from "../../api/types";
import { LOOKS, StatusIcon } from "../../kit/status";
import { serverClock } from "../../time/clock";
import { clockTime } from "../../time/format";
import { useZone, zoneName, type Zone } from "../../time/zone";
import { paths } from "../../url/paths";
import { marksOf, type RunsByEvent } from "./marks";
import { previewOf } from "./preview";

interface Props {
  events: readonly Event[];
  runs: RunsByEvent;
}

const NONE: readonly Run[] = [];
const CELL = "h-8 px-3";

export function EventTable({ events, runs }: Props) {
  const [zone] = useZone();
  return (
    <table className="w-full table-fixed">
      <colgroup>
        <col className="w-44 max-sm:w-32" />
        <col className="w-56 max-sm:w-40" />
        <col className="max-sm:hidden" />
        <col className="w-48 max-sm:w-24" />
      </colgroup>
      <thead className="sticky top-0 z-10 bg-surface text-left text-xs text-ink-soft shadow-[inset_0_-1px_0_var(--line)]">
        <tr>
          <th scope="col" className={`${CELL} font-medium`}>
            Received, {zoneName(zone, serverClock.now())}
          </th>
          <th scope="col" className={`${CELL} font-medium`}>
            Name
          </th>
          <th scope="col" className={`${CELL} font-medium max-sm:hidden`}>
            Data
          </th>
          <th scope="col" className={`${CELL} font-medium`}>
            Runs
          </th>
        </tr>
      </thead>
      <tbody className="divide-y divide-line">
        {events.map((event) => (
          <EventRow key={event.id} event={event} runs={runs.get(event.id) ?? NONE} zone={zone} />
        ))}
      </tbody>
    </table>
  );
}

interface RowProps {
  event: Event;
  runs: readonly Run[];
  zone: Zone;
}

const EventRow = memo(function EventRow({ event, runs, zone }: RowProps) {
  const at = Date.parse(event.receivedAt);
  return (
    <tr className="hover:bg-sunken/60 focus-within:bg-accent-soft">
      <td className={`${CELL} whitespace-nowrap text-ink-soft`}>
        <time dateTime={event.receivedAt}>
          {clockTime(at, serverClock.now(), { utc: zone === "utc", ms: true })}
        </time>
      </td>
      <td className={`${CELL} truncate`}>
        <Link
          data-row
          to={paths.event(event.id)}
          title={`${event.name} · ${event.id}`}
          className="inline-block max-w-full truncate align-middle font-medium hover:underline"
        >
          {event.name}
        </Link>
      </td>
      <td className={`${CELL} truncate font-mono text-xs text-ink-soft max-sm:hidden`}>
        {previewOf(event.data)}
      </td>
      <td className={`${CELL} truncate`}>
        <Runs event={event} runs={runs} />
      </td>
    </tr>
  );
});

function Runs({ event, runs }: { event: Event; runs: readonly Run[] }) {
  const count = Math.max(event.runCount ?? 0, runs.length);
  if (count === 0) {
    return (
      <span className="text-ink-faint">
        0 runs{" "}
        <Link to={paths.event(event.id)} aria-label={`Why ${event.name} started no run`} className={LINK}>
          why?
        </Link>
      </span>
    );
  }
  const [only] = runs;
  if (count === 1 && only) {
    const [mark] = marksOf([only]);
    return (
      <Link
        to={paths.run(only.id)}
        className="inline-flex min-h-6 max-w-full items-center gap-1.5 hover:underline"
      >
        {mark && <StatusIcon status={mark.status} />}
        {mark && <span className="sr-only">{LOOKS[mark.status].word}</span>}
        <span className="truncate">{only.function.name || only.function.id}</span>
      </Link>
    );
  }
  return (
    <span className="inline-flex items-center gap-2.5">
      {marksOf(runs).map(({ status, count: some }) => (
        <span
          key={status}
          title={`${some} ${LOOKS[status].word.toLowerCase()}`}
          className="inline-flex items-center gap-1"
        >
          <StatusIcon status={status} />
          <span className="sr-only">{LOOKS[status].word}</span>
          {some}
        </span>
      ))}
      {runs.length < count && <span className="text-ink-soft">{count} runs</span>}
    </span>
  );
}

const LINK = "inline-flex min-h-6 items-center text-accent hover:underline";
