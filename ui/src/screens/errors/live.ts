/** Groups of errors have no topic of their own: they change when a run fails. */
import { useQueryClient, type QueryKey } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useTopic } from "../../live/hooks";
import { Throttle } from "../../live/throttle";

/** A group is written a moment after its run. */
const REFETCH_MS = 2000;

export function useRefetchOnFailure(keys: readonly QueryKey[]): void {
  const client = useQueryClient();
  const [throttle] = useState(() => new Throttle(REFETCH_MS));
  useTopic("runs", ({ kind, rows }) => {
    if (kind === "snapshot") return;
    if (kind === "delta" && !rows.some((row) => row["status"] === "FAILED")) return;
    throttle.run(() => Promise.all(keys.map((queryKey) => client.invalidateQueries({ queryKey }))));
  });
  useEffect(() => () => throttle.stop(), [throttle]);
}
