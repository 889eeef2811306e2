/** The rows of the list, as they are now, in an order that stays while somebody goes through it. */
import { useQueries, useQuery, useQueryClient, type UseQueryResult } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { queries } from "../../api/queries";
import type { Function } from "../../api/types";
import { useTopic } from "../../live/hooks";
import { Throttle } from "../../live/throttle";
import { byNeed, canHold, isBusy, rowOf, steady, type FlowRow } from "./rows";

/** What is told of flow says only that something changed. */
const REFETCH_MS = 1500;

/** Of functions that are not archived. */
export function useFlowRows(selected: string | undefined): {
  functions: UseQueryResult<Function[]>;
  rows: readonly FlowRow[];
  error: Error | null;
  retry: () => void;
} {
  const client = useQueryClient();
  const functions = useQuery(queries.functions());
  const known = (functions.data ?? []).filter((fn) => fn.isArchived !== true);
  const reports = useQueries({ queries: known.map((fn) => queries.flow(fn.slug)) });
  const rows = known.map((fn, i) => rowOf(fn, reports[i]?.data));
  const [throttle] = useState(() => new Throttle(REFETCH_MS));

  /** One request tells which functions have calls; only those and what holds something back are read again. */
  const refresh = async () => {
    const samples = await client.fetchQuery({ ...queries.samples(), staleTime: 0 });
    const names = ["inngest_steps_running", "inngest_steps_scheduled"];
    const called = names.flatMap((name) => samples.of(name).filter(({ value }) => value > 0));
    const slugs = new Set(called.map(({ labels }) => labels["fn"]));
    const wanted = rows.filter(
      (row) => slugs.has(row.fn.slug) || row.fn.slug === selected || isBusy(row) || canHold(row.fn),
    );
    await Promise.all(
      wanted.map(({ fn }) =>
        client.invalidateQueries({ queryKey: ["flow", fn.slug] }, { cancelRefetch: false }),
      ),
    );
  };
  useTopic("flow", ({ kind }) => {
    if (kind === "delta") throttle.run(refresh);
    if (kind === "gap") throttle.run(() => client.invalidateQueries({ queryKey: ["flow"] }));
  });
  useEffect(() => () => throttle.stop(), [throttle]);
  return {
    functions,
    rows,
    error: functions.error ?? reports.find((report) => report.error && !report.data)?.error ?? null,
    retry: () => {
      void functions.refetch();
      void client.invalidateQueries({ queryKey: ["flow"] });
    },
  };
}

/** By need, unless somebody is at the rows: then they stay where they are. */
export function useSteadyOrder(rows: readonly FlowRow[], isHeld: boolean): readonly FlowRow[] {
  const [order, setOrder] = useState<readonly string[]>([]);
  const wanted = rows.toSorted(byNeed).map((row) => row.fn.slug);
  const next = isHeld ? steady(order, wanted) : wanted;
  if (next.join("\n") !== order.join("\n")) setOrder(next);
  const bySlug = new Map(rows.map((row) => [row.fn.slug, row]));
  return next.flatMap((slug) => bySlug.get(slug) ?? []);
}
