/**
 * Keeps the list of errors as it is now. Groups that are seen again move to the top: while somebody is reading further
 * down, or goes through the rows, that waits until it is asked for.
 */
import { useQueryClient, type QueryKey } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useTopic } from "../../live/hooks";
import { Throttle } from "../../live/throttle";
import { isAboutFailure, REFETCH_MS } from "./live";

export function useLiveErrors(queryKey: QueryKey, isFollowing: boolean) {
  const client = useQueryClient();
  const [throttle] = useState(() => new Throttle(REFETCH_MS));
  const key = JSON.stringify(queryKey);
  const [changed, setChanged] = useState<string>();
  const show = () => {
    setChanged(undefined);
    return client.invalidateQueries({ queryKey });
  };
  useTopic("runs", (message) => {
    if (!isAboutFailure(message)) return;
    if (isFollowing) throttle.run(show);
    else setChanged(key);
  });
  useEffect(() => () => throttle.stop(), [key, throttle]);
  return { isChanged: changed === key, show: () => void show() };
}
