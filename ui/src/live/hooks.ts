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
  const [throttle] = useState(() => new Throttle(period));
  useTopic(topic, (message) => {
    // What there was when the topic was followed has just been read.
    if (message.kind === "snapshot") return;
    throttle.run(() => Promise.all(keys.map((queryKey) => client.invalidateQueries({ queryKey }))));
  });
  useEffect(() => () => throttle.stop(), [throttle]);
}

interface Options<T> {
  /** New rows are shown at once: nobody is looking at a row that would move. */
  isFollowing: boolean;
  /**
   * Whether a row that is told of belongs to the list; without it, every row does. What only the server knows is not
   * counted, but a list that is being followed is read again for it.
   */
  belongs?: (row: T) => boolean | undefined;
}

const NONE: ReadonlySet<string> = new Set();

/**
 * A paged list of rows with ids, kept as they are now. Rows that it does not have yet are counted and shown once
 * `show` is called, or at once while it is being followed.
 */
export function useLiveList<T extends { id: string }>(
  topic: string | undefined,
  queryKey: QueryKey,
  options: Options<T>,
) {
  const client = useQueryClient();
  const [throttle] = useState(() => new Throttle(REFETCH_MS));
  const key = JSON.stringify(queryKey);
  const [noted, setNoted] = useState({ key, ids: NONE });

  const show = async () => {
    setNoted({ key, ids: NONE });
    // Only the first page is read again; the others are where they were.
    client.setQueryData<InfiniteData<List<T>>>(queryKey, (data) =>
      data && data.pages.length > 1
        ? { pages: data.pages.slice(0, 1), pageParams: data.pageParams.slice(0, 1) }
        : data,
    );
    await client.invalidateQueries({ queryKey });
  };

  useTopic(topic, (message) => {
    if (message.kind === "snapshot") return;
    if (message.kind === "gap") return throttle.run(show);
    const rows = message.rows as unknown as T[];
    const before = client.getQueryData<InfiniteData<List<T>>>(queryKey);
    if (!before) return;
    const after = mergeRows(before, rows);
    if (after !== before) client.setQueryData(queryKey, after);
    const { belongs = () => true } = options;
    const isCounted = (row: T) => (options.isFollowing ? belongs(row) !== false : belongs(row) === true);
    const fresh = unseenRows(before, rows.filter(isCounted));
    if (options.isFollowing) {
      if (fresh.length > 0) throttle.run(show);
      return;
    }
    // Such as a run that was running, and is not any more.
    const gone = new Set(rows.filter((row) => belongs(row) === false).map((row) => row.id));
    setNoted((it) => {
      const ids = it.key === key ? it.ids : NONE;
      if (fresh.length === 0 && ![...gone].some((id) => ids.has(id))) return it;
      return { key, ids: new Set([...ids, ...fresh].filter((id) => !gone.has(id))) };
    });
  });

  useEffect(() => () => throttle.stop(), [key, throttle]);

  return { unseen: noted.key === key ? noted.ids.size : 0, show: () => void show() };
}
