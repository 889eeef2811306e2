/** The live feed in components. */
import { useQueryClient, type InfiniteData, type QueryKey } from "@tanstack/react-query";
import { useEffect, useEffectEvent, useState, useSyncExternalStore } from "react";
import type { List } from "../api/client";
import { mergeRows, unseenRows } from "./merge";
import { live, type LiveState, type Message } from "./socket";
import { Throttle } from "./throttle";

/** A list that changes all the time is read again at most so often. */
const REFETCH_MS = 1000;

export function useLiveState(): LiveState {
  return useSyncExternalStore(live.watch, () => live.state);
}

/** Calls `listener` with what is told of a topic, while the component is there. */
export function useTopic(topic: string | undefined, listener: (message: Message) => void): void {
  const heard = useEffectEvent(listener);
  useEffect(
    () => (topic === undefined ? undefined : live.follow(topic, (message) => heard(message))),
    [topic],
  );
}

/** Reads queries again when something of the topic changed: at once, and then at most once a second. */
export function useRefetchOn(topic: string | undefined, keys: QueryKey[], period = REFETCH_MS): void {
  const client = useQueryClient();
  const refetch = useEffectEvent(() =>
    Promise.all(keys.map((queryKey) => client.invalidateQueries({ queryKey }))),
  );
  const [throttle] = useState(() => new Throttle(period));
  useTopic(topic, (message) => {
    // What there was when the topic was followed has just been read.
    if (message.kind !== "snapshot") throttle.run(() => refetch());
  });
  useEffect(() => () => throttle.stop(), [throttle]);
}

/**
 * A paged list of rows with ids, kept as they are now. Rows that it does not have yet are counted and shown once
 * `show` is called, or at once while `isFollowing`.
 */
export function useLiveList<T extends { id: string }>(
  topic: string,
  queryKey: QueryKey,
  isFollowing: boolean,
) {
  const client = useQueryClient();
  const [unseen, setUnseen] = useState<ReadonlySet<string>>(new Set());
  const [throttle] = useState(() => new Throttle(REFETCH_MS));
  const key = JSON.stringify(queryKey);

  const show = useEffectEvent(async () => {
    setUnseen(new Set());
    // Only the first page is read again; the others are where they were.
    client.setQueryData<InfiniteData<List<T>>>(queryKey, (data) =>
      data && data.pages.length > 1
        ? { pages: data.pages.slice(0, 1), pageParams: data.pageParams.slice(0, 1) }
        : data,
    );
    await client.invalidateQueries({ queryKey });
  });

  useTopic(topic, (message) => {
    if (message.kind === "snapshot") return;
    if (message.kind === "gap") return throttle.run(() => show());
    const rows = message.rows as unknown as T[];
    const before = client.getQueryData<InfiniteData<List<T>>>(queryKey);
    if (!before) return;
    const after = mergeRows(before, rows);
    if (after !== before) client.setQueryData(queryKey, after);
    const fresh = unseenRows(before, rows);
    if (fresh.length === 0) return;
    if (isFollowing) throttle.run(() => show());
    else setUnseen((ids) => new Set([...ids, ...fresh]));
  });

  useEffect(() => {
    setUnseen(new Set());
    return () => throttle.stop();
  }, [key, throttle]);

  return { unseen: unseen.size, show: () => void show() };
}
