/** The runs of the events that are shown, kept as they are now. */
import { useQueries } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { list, type List } from "../../api/client";
import type { Event, Run } from "../../api/types";
import { useTopic } from "../../live/hooks";
import { runsByEvent, timeOf, type RunsByEvent } from "./marks";

const PAGE = 100;
/** Pages of runs for a page of events: of more runs the events say how many there are. */
const PAGES_MAX = 3;
/** Runs that are remembered from the live feed. */
const TOLD_MAX = 2000;

export function useRunsByEvent(pages: readonly List<Event>[]): RunsByEvent {
  const times = pages.map((page) => timeOf(page.items.filter((event) => (event.runCount ?? 0) > 0)));
  const found = useQueries({
    queries: times.flatMap((time) =>
      time === undefined
        ? []
        : [{ queryKey: ["runs", "of events", time], queryFn: () => runsIn(time), staleTime: Infinity }],
    ),
    combine: (results) => results.flatMap((result) => result.data ?? []),
  });
  const told = useTold();
  return useMemo(() => runsByEvent([...found, ...told]), [found, told]);
}

async function runsIn(time: { from: string; until: string }): Promise<Run[]> {
  const runs: Run[] = [];
  let cursor: string | undefined;
  for (let i = 0; i < PAGES_MAX; i += 1) {
    const { items, page }: List<Run> = await list<Run>("v2/runs", {
      params: { ...time, limit: PAGE, cursor },
    });
    runs.push(...items);
    cursor = page.hasMore ? page.cursor : undefined;
    if (cursor === undefined) break;
  }
  return runs;
}

/** Runs as the live feed told them since the list was opened. */
function useTold(): readonly Run[] {
  const [told, setTold] = useState<readonly Run[]>([]);
  useTopic("runs", ({ kind, rows }) => {
    if (kind !== "delta" || rows.length === 0) return;
    const ids = new Set(rows.map((row) => row.id));
    const fresh = rows as unknown as Run[];
    setTold((before) => [...before.filter((run) => !ids.has(run.id)), ...fresh].slice(-TOLD_MAX));
  });
  return told;
}
