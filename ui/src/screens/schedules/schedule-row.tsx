/** A schedule: what it says, when it comes next, how it went last; opened, its next times and what can be done. */
import { ChevronDown, ChevronRight, CirclePause, CirclePlay } from "lucide-react";
import { Fragment, useId, useState } from "react";
import type { Schedule } from "../../api/types";
import { Button } from "../../kit/button";
import { LOOKS, runStatus, StatusIcon } from "../../kit/status";
import { Cell, ROW } from "../../kit/table";
import { Age } from "../../kit/time";
import { useColumns } from "../../kit/use-columns";
import { scheduleOf } from "../../time/cron";
import { serverClock, useNow } from "../../time/clock";
import { clockTime } from "../../time/format";
import { useZone, zoneName } from "../../time/zone";
import { Link } from "../../url/link";
import { paths } from "../../url/paths";
import { acts, useAct } from "../flow/act";
import { PauseDialog } from "../flow/pause-dialog";
import { timeIn, timesOf } from "./schedules";

export function ScheduleRow({ schedule }: { schedule: Schedule }) {
  const [isOpen, setOpen] = useState(false);
  const id = useId();
  const columns = useColumns(2, ["sm", "lg", "xl"]);
  const { function: fn, cron, timeZone, jitter } = schedule;
  const { words } = scheduleOf(cron);
  const Chevron = isOpen ? ChevronDown : ChevronRight;
  return (
    <Fragment>
      <tr className={ROW}>
        <Cell className="!py-1">
          <button
            type="button"
            data-row
            aria-expanded={isOpen}
            aria-controls={id}
            title={`${words}\n${cron}`}
            onClick={() => setOpen(!isOpen)}
            className="-ml-1 flex w-full items-start gap-1 text-left"
          >
            <Chevron aria-hidden className="mt-1.25 size-3.5 shrink-0 text-ink-faint" />
            <span className="min-w-0">
              <span className="block truncate leading-6 font-medium max-sm:line-clamp-2 max-sm:whitespace-normal">
                {words}
              </span>
              <span className="block truncate text-xs text-ink-soft">
                <code className="font-mono">{cron}</code>
                {jitter !== undefined && ` up to ${jitter} later`}
                <span className="lg:hidden"> · {fn.name || fn.id}</span>
              </span>
            </span>
          </button>
        </Cell>
        <Cell className="max-lg:hidden" title={fn.slug}>
          <Link to={paths.function(fn.app.id, fn.id)} className="block truncate leading-6 hover:underline">
            {fn.name || fn.id}
          </Link>
          <span className="block truncate text-xs text-ink-soft">{fn.app.id}</span>
        </Cell>
        <Cell className="text-ink-soft max-xl:hidden" title={timeZone}>
          {timeZone}
        </Cell>
        <Cell>
          <Next schedule={schedule} />
        </Cell>
        <Cell className="max-sm:hidden">
          <LastRun schedule={schedule} />
        </Cell>
      </tr>
      {isOpen && (
        <tr id={id}>
          <td colSpan={columns} className="bg-canvas py-2.5 pr-3 pl-6.5">
            <Details schedule={schedule} />
          </td>
        </tr>
      )}
    </Fragment>
  );
}

/** When it comes next; of one that is paused, that it does not. */
function Next({ schedule }: { schedule: Schedule }) {
  const now = useNow();
  const [zone] = useZone();
  const [next] = timesOf(schedule, now);
  if (schedule.isPaused === true)
    return (
      <span className="inline-flex items-center gap-1.5 font-medium text-wait">
        <CirclePause aria-hidden className="size-3.5" />
        Paused
      </span>
    );
  if (next === undefined)
    return <span className="text-ink-faint">{(schedule.nextAt ?? []).length === 0 ? "never" : "now"}</span>;
  return (
    <>
      <span className="block leading-6">
        <Age at={new Date(next).toISOString()} />
      </span>
      <span className="block truncate text-xs text-ink-soft max-lg:whitespace-normal">
        {clockTime(next, now, { utc: zone === "utc" })} {zoneName(zone, next)}
      </span>
    </>
  );
}

function LastRun({ schedule }: { schedule: Schedule }) {
  const run = schedule.lastRun;
  if (!run) return <span className="text-ink-faint">none of late</span>;
  const status = runStatus(run);
  return (
    <Link
      to={paths.run(run.id)}
      title={run.id}
      className="inline-flex min-h-6 items-center gap-1.5 hover:underline"
    >
      <StatusIcon status={status} />
      <span className={LOOKS[status].text}>{LOOKS[status].word}</span>
      <span className="text-ink-soft">
        <Age at={run.startedAt ?? run.queuedAt} />
      </span>
    </Link>
  );
}

function Details({ schedule }: { schedule: Schedule }) {
  const { function: fn, timeZone } = schedule;
  const [zone] = useZone();
  const [isAsking, setAsking] = useState(false);
  const { mutate, isPending } = useAct();
  const times = timesOf(schedule, serverClock.now());
  const shown = zoneName(zone, serverClock.now());
  const isElsewhere = timeZone !== shown;
  return (
    <div className="flex flex-wrap items-start gap-x-8 gap-y-3">
      <table>
        <caption className="pb-1 text-left font-medium">
          {schedule.isPaused === true ? "Once it is resumed, it comes" : "It comes next"}
        </caption>
        <thead className="text-left text-xs text-ink-soft">
          <tr>
            <th scope="col" className="pr-6 font-medium">
              {timeZone}
            </th>
            {isElsewhere && (
              <th scope="col" className="pr-6 font-medium">
                {shown}
              </th>
            )}
            <th scope="col" className="font-medium">
              <span className="sr-only">From now</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {times.map((at) => (
            <tr key={at}>
              <td className="py-0.5 pr-6 whitespace-nowrap">{timeIn(timeZone, at)}</td>
              {isElsewhere && (
                <td className="py-0.5 pr-6 whitespace-nowrap text-ink-soft">
                  {clockTime(at, serverClock.now(), { utc: zone === "utc" })}
                </td>
              )}
              <td className="py-0.5 text-ink-soft">
                <Age at={new Date(at).toISOString()} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <div className="flex flex-wrap items-center gap-2 sm:ml-auto">
        <span className="sm:hidden">
          <LastRun schedule={schedule} />
        </span>
        <Link
          to={paths.function(fn.app.id, fn.id)}
          className="inline-flex h-7 items-center rounded-md border border-line-strong/50 bg-raised px-2.5 hover:bg-sunken"
        >
          Open the function
        </Link>
        {schedule.isPaused === true ? (
          <Button
            icon={<CirclePlay aria-hidden className="size-3.5" />}
            disabled={isPending}
            onClick={() => mutate(acts.resume(fn.slug))}
          >
            Resume
          </Button>
        ) : (
          <Button icon={<CirclePause aria-hidden className="size-3.5" />} onClick={() => setAsking(true)}>
            Pause…
          </Button>
        )}
        {isAsking && <PauseDialog slug={fn.slug} onClose={() => setAsking(false)} />}
      </div>
    </div>
  );
}
