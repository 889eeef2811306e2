/** The columns of the list of runs. */
import type { Attribute, Run } from "../../api/types";
import { GridLink, type Column } from "../../kit/grid";
import { LOOKS, runStatus, Status, StatusIcon } from "../../kit/status";
import { Elapsed } from "../../kit/time";
import { serverClock } from "../../time/clock";
import { clockTime, duration } from "../../time/format";
import { zoneName, type Zone } from "../../time/zone";
import { paths } from "../../url/paths";

const NOTHING = <span className="text-ink-faint">–</span>;

export function columnsOf(attributes: readonly Attribute[], zone: Zone): readonly Column<Run>[] {
  const name = zoneName(zone, serverClock.now());
  const zoned = (title: string) => (
    <span title={`${title}, ${name}`}>
      {title}
      <span className="max-sm:sr-only">, {name}</span>
    </span>
  );
  return [
    {
      id: "status",
      title: "Status",
      head: <span className="max-sm:sr-only">Status</span>,
      width: "7.5rem",
      narrowWidth: "2rem",
      cell: (run, isNarrow) => <RunStatus run={run} isNarrow={isNarrow} />,
    },
    {
      id: "function",
      title: "Function",
      width: "minmax(9rem, 1.4fr)",
      narrowWidth: "minmax(0, 1fr)",
      cell: (run) => {
        const name = run.function.name || run.function.id;
        return (
          <GridLink to={paths.run(run.id)} title={name} className="font-medium hover:underline">
            {name}
          </GridLink>
        );
      },
    },
    {
      id: "app",
      title: "App",
      width: "minmax(5rem, 0.6fr)",
      from: 900,
      choice: "shown",
      cell: (run) => (
        <GridLink to={paths.app(run.app.id)} title={run.app.id} className="text-ink-soft hover:underline">
          {run.app.id}
        </GridLink>
      ),
    },
    {
      id: "trigger",
      title: "Trigger",
      width: "minmax(8rem, 1.2fr)",
      from: 700,
      choice: "shown",
      className: "text-ink-soft",
      cell: (run) => <Trigger run={run} />,
    },
    ...attributes.map(({ name, expression }): Column<Run> => {
      const value = (run: Run) => run.attributes?.[name];
      return {
        id: `attr.${name}`,
        title: name,
        head: <span title={expression}>{name}</span>,
        width: "minmax(5rem, 0.8fr)",
        from: 700,
        choice: "hidden",
        cell: (run) => (value(run) === undefined ? NOTHING : <span title={value(run)}>{value(run)}</span>),
      };
    }),
    {
      id: "queued",
      title: "Queued",
      head: zoned("Queued"),
      width: "9.5rem",
      narrowWidth: "4.75rem",
      className: "text-ink-soft",
      cell: (run, isNarrow) => <When at={run.queuedAt} zone={zone} isShort={isNarrow} />,
    },
    {
      id: "started",
      title: "Started",
      head: zoned("Started"),
      width: "9.5rem",
      from: 1200,
      choice: "hidden",
      className: "text-ink-soft",
      cell: (run) => <When at={run.startedAt} zone={zone} />,
    },
    {
      id: "ended",
      title: "Ended",
      head: zoned("Ended"),
      width: "9.5rem",
      from: 1200,
      choice: "hidden",
      className: "text-ink-soft",
      cell: (run) => <When at={run.endedAt} zone={zone} />,
    },
    {
      id: "wait",
      title: "Time queued",
      width: "6.5rem",
      from: 1000,
      choice: "shown",
      isNumber: true,
      className: "text-ink-soft",
      cell: waited,
    },
    {
      id: "duration",
      title: "Duration",
      width: "6rem",
      narrowWidth: "5rem",
      isNumber: true,
      cell: (run) => (run.isSkipped ? NOTHING : <Elapsed from={run.startedAt} to={run.endedAt} />),
    },
    {
      id: "id",
      title: "Run id",
      width: "14.5rem",
      from: 1150,
      choice: "shown",
      className: "font-mono text-xs text-ink-soft",
      cell: (run) => run.id,
    },
  ];
}

function RunStatus({ run, isNarrow }: { run: Run; isNarrow: boolean }) {
  const status = runStatus(run);
  if (!isNarrow) return <Status status={status} />;
  return (
    <span title={LOOKS[status].word}>
      <StatusIcon status={status} />
      <span className="sr-only">{LOOKS[status].word}</span>
    </span>
  );
}

function Trigger({ run }: { run: Run }) {
  const { eventIds = [], eventName = "", cronSchedule, isBatch } = run.trigger;
  const [event] = eventIds;
  const words = cronSchedule ?? (isBatch ? `${eventIds.length} × ${eventName}` : eventName);
  if (words === "") return NOTHING;
  if (cronSchedule !== undefined || event === undefined)
    return (
      <span title={words} className="font-mono text-xs">
        {words}
      </span>
    );
  return (
    <GridLink to={paths.event(event)} title={words} className="hover:underline">
      {words}
    </GridLink>
  );
}

function When({ at, zone, isShort = false }: { at: string | undefined; zone: Zone; isShort?: boolean }) {
  if (at === undefined) return NOTHING;
  const words = clockTime(Date.parse(at), serverClock.now(), { utc: zone === "utc", ms: true });
  const isToday = !words.includes(" ");
  // There is no place for all: a moment of today, else the day, too, and where it is narrow the day alone.
  const [start, end] = isShort ? (isToday ? [0, 8] : [5, 10]) : isToday ? [0, 12] : [5, 19];
  const shown = words.slice(start, end);
  return (
    <time dateTime={at} title={words}>
      {shown}
    </time>
  );
}

/** How long it was queued before it was started. */
function waited(run: Run) {
  if (run.startedAt === undefined)
    return run.isSkipped ? NOTHING : <Elapsed from={run.queuedAt} to={run.endedAt} />;
  return duration(Math.max(0, Date.parse(run.startedAt) - Date.parse(run.queuedAt)));
}
