/** Groups of errors have no topic of their own: they change when a run fails. */
import { useQueryClient, type QueryKey } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useTopic } from "../../live/hooks";
import type { Message } from "../../live/socket";
import { Throttle } from "../../live/throttle";

/** A group is written a moment after its run. */
export const REFETCH_MS = 2000;

/** What could not be told may have been a failure, too. */
export function isAboutFailure({ kind, rows }: Message): boolean {
  return kind === "gap" || (kind === "delta" && rows.some((row) => row["status"] === "FAILED"));
}

export function useRefetchOnFailure(keys: readonly QueryKey[]): void {
  const client = useQueryClient();
  const [throttle] = useState(() => new Throttle(REFETCH_MS));
  useTopic("runs", (message) => {
    if (!isAboutFailure(message)) return;
    throttle.run(() => Promise.all(keys.map((queryKey) => client.invalidateQueries({ queryKey }))));
  });
  useEffect(() => () => throttle.stop(), [throttle]);
}
