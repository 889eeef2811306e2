/** The columns of the list of events. */
import type { Event, Run } from "../../api/types";
import { GridLink, type Column } from "../../kit/grid";
import { LOOKS, StatusIcon } from "../../kit/status";
import { serverClock } from "../../time/clock";
import { clockTime } from "../../time/format";
import { zoneName, type Zone } from "../../time/zone";
import { paths } from "../../url/paths";
import { marksOf, type RunsByEvent } from "./marks";
import { previewOf } from "./preview";

const NONE: readonly Run[] = [];

export function columnsOf(runs: RunsByEvent, zone: Zone): readonly Column<Event>[] {
  return [
    {
      id: "received",
      title: "Received",
      head: `Received, ${zoneName(zone, serverClock.now())}`,
      width: "11rem",
      narrowWidth: "6.5rem",
      className: "text-ink-soft",
      cell: (event, isNarrow) => (
        <time dateTime={event.receivedAt}>
          {clockTime(Date.parse(event.receivedAt), serverClock.now(), {
            utc: zone === "utc",
            ms: !isNarrow,
          })}
        </time>
      ),
    },
    {
      id: "name",
      title: "Name",
      width: "minmax(10rem, 14rem)",
      narrowWidth: "minmax(0, 1fr)",
      cell: (event) => (
        <GridLink to={paths.event(event.id)} title={event.name} className="font-medium hover:underline">
          {event.name}
        </GridLink>
      ),
    },
    {
      id: "data",
      title: "Data",
      width: "minmax(0, 1fr)",
      from: 600,
      choice: "shown",
      className: "font-mono text-xs text-ink-soft",
      cell: (event) => previewOf(event.data),
    },
    {
      id: "id",
      title: "Id",
      width: "15rem",
      from: 900,
      choice: "hidden",
      className: "font-mono text-xs text-ink-soft",
      cell: (event) => event.id,
    },
    {
      id: "runs",
      title: "Runs",
      width: "12rem",
      narrowWidth: "6.5rem",
      cell: (event, isNarrow) => <Runs event={event} runs={runs.get(event.id) ?? NONE} isNarrow={isNarrow} />,
    },
  ];
}

interface RunsProps {
  event: Event;
  runs: readonly Run[];
  isNarrow: boolean;
}

function Runs({ event, runs, isNarrow }: RunsProps) {
  const count = Math.max(event.runCount ?? 0, runs.length);
  if (count === 0) {
    return (
      <span className="text-ink-faint">
        0 runs{" "}
        <GridLink to={paths.event(event.id)} aria-label={`Why ${event.name} started no run`} className={LINK}>
          why?
        </GridLink>
      </span>
    );
  }
  const [only] = runs;
  if (count === 1 && only && !isNarrow) {
    const [mark] = marksOf([only]);
    return (
      <GridLink
        to={paths.run(only.id)}
        className="inline-flex min-h-6 max-w-full items-center gap-1.5 align-middle hover:underline"
      >
        {mark && <StatusIcon status={mark.status} />}
        {mark && <span className="sr-only">{LOOKS[mark.status].word}</span>}
        <span className="truncate">{only.function.name || only.function.id}</span>
      </GridLink>
    );
  }
  return (
    <span className="inline-flex items-center gap-2.5 align-middle">
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

const LINK = "inline-flex min-h-6 items-center align-middle text-accent hover:underline";
