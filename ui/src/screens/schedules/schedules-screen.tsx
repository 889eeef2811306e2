/** Functions that run by the clock: when each comes next, and how it went last. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { queries } from "../../api/queries";
import { Heading, Panel } from "../../kit/panel";
import { useRowKeys } from "../../kit/row-keys";
import { Segments } from "../../kit/segments";
import { Empty, Failed, Loading } from "../../kit/states";
import { Head, TableHead } from "../../kit/table";
import { useRefetchOn, useTopic } from "../../live/hooks";
import { Throttle } from "../../live/throttle";
import { useOrder } from "./params";
import { ScheduleRow } from "./schedule-row";
import { idOf, inOrder, isOfSchedule } from "./schedules";

const REFETCH_MS = 2_000;

const ORDERS = [
  { value: "function", word: "By function" },
  { value: "next", word: "By what comes next" },
] as const;

export function SchedulesScreen() {
  const [order, setOrder] = useOrder();
  const schedules = useQuery(queries.schedules());
  useRefetchOnScheduledRuns();
  useRefetchOn("functions", [["schedules"]], REFETCH_MS);
  const area = useRowKeys<HTMLDivElement>("Schedules");
  const { data, error } = schedules;
  return (
    <div className="flex h-full min-h-0 flex-col gap-3">
      <Heading
        title="Schedules"
        note={<span className="max-sm:hidden">functions that run by the clock</span>}
      />
      <div className="flex flex-wrap gap-2">
        <Segments label="Order" value={order} options={ORDERS} onChange={setOrder} />
      </div>
      <Panel className="min-h-72 flex-1 overflow-hidden">
        <div ref={area} className="min-h-0 flex-1 overflow-auto">
          {error && !data ? (
            <Failed what="The schedules" error={error} retry={schedules.refetch} />
          ) : !data ? (
            <Loading what="the schedules" />
          ) : data.length === 0 ? (
            <Empty title="No function runs by the clock">
              A function does once one of its triggers is a cron expression:{" "}
              <code className="font-mono text-xs">{'triggers: [{ cron: "0 9 * * 1" }]'}</code>
            </Empty>
          ) : (
            <table className="w-full table-fixed">
              <colgroup>
                <col />
                <col className="w-56 max-lg:hidden" />
                <col className="w-40 max-xl:hidden" />
                <col className="w-52 max-lg:w-36 max-sm:w-32" />
                <col className="w-48 max-lg:w-44 max-sm:hidden" />
              </colgroup>
              <TableHead>
                <Head>Schedule</Head>
                <Head className="max-lg:hidden">Function</Head>
                <Head className="max-xl:hidden">Time zone</Head>
                <Head>Next</Head>
                <Head className="max-sm:hidden">Last run</Head>
              </TableHead>
              <tbody className="divide-y divide-line">
                {inOrder(data, order).map((schedule) => (
                  <ScheduleRow key={idOf(schedule)} schedule={schedule} />
                ))}
              </tbody>
            </table>
          )}
        </div>
      </Panel>
    </div>
  );
}

/** Schedules have no topic of their own: what is shown of them changes when a run of theirs does. */
function useRefetchOnScheduledRuns(): void {
  const client = useQueryClient();
  const [throttle] = useState(() => new Throttle(REFETCH_MS));
  useTopic("runs", ({ kind, rows }) => {
    if (kind === "snapshot" || (kind === "delta" && !rows.some(isOfSchedule))) return;
    throttle.run(() => client.invalidateQueries({ queryKey: ["schedules"] }));
  });
  useEffect(() => () => throttle.stop(), [throttle]);
}
