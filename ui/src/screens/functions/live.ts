/** Rollups have no topic of their own: those of a function change when a run of it does. */
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import type { Run } from "../../api/types";
import { useTopic } from "../../live/hooks";
import { Throttle } from "../../live/throttle";

/** Runs come many at a time, and a bar grows by a pixel. */
const REFETCH_MS = 3000;

/** Reads the rollups again of the functions whose runs are told of. Those without a function count as of all. */
export function useFreshMetrics(): void {
  const client = useQueryClient();
  const [throttle] = useState(() => new Throttle(REFETCH_MS));
  const [touched] = useState(() => new Set<string>());
  useTopic("runs", ({ kind, rows }) => {
    if (kind === "snapshot") return;
    for (const row of rows as unknown as Run[]) touched.add(`${row.app.id}/${row.function.id}`);
    throttle.run(() => {
      const names = new Set(touched);
      touched.clear();
      return client.invalidateQueries({
        queryKey: ["metrics"],
        predicate: ({ queryKey }) => {
          const params = (queryKey[1] ?? {}) as { appId?: string; functionId?: string };
          if (kind === "gap" || params.functionId === undefined) return true;
          return names.has(`${params.appId}/${params.functionId}`);
        },
      });
    });
  });
  useEffect(() => () => throttle.stop(), [throttle]);
}
