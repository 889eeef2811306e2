/** What is below the last event: there is more, and how far back was looked. */
import type { ReactNode } from "react";
import type { InfiniteData, UseInfiniteQueryResult } from "@tanstack/react-query";
import type { List } from "../../api/client";
import type { Event } from "../../api/types";
import { Button } from "../../kit/button";
import { serverClock } from "../../time/clock";
import { useZone, zonedTime } from "../../time/zone";

interface Props {
  events: UseInfiniteQueryResult<InfiniteData<List<Event>>>;
  isSearch: boolean;
}

export function PageEnd({ events, isSearch }: Props) {
  const [zone] = useZone();
  const last = events.data?.pages.at(-1);
  const items = events.data?.pages.reduce((sum, page) => sum + page.items.length, 0) ?? 0;
  if (events.isFetchNextPageError)
    return (
      <Line>
        <span role="alert" className="text-bad">
          More could not be loaded: {events.error?.message}
        </span>
        <Button onClick={() => void events.fetchNextPage()}>Try again</Button>
      </Line>
    );
  if (!events.hasNextPage)
    return items > 0 ? <Line>These are all{isSearch && " for which it holds"}.</Line> : null;
  const scannedTo = isSearch ? last?.page.scannedTo : undefined;
  return (
    <Line>
      {scannedTo !== undefined && (
        <span>
          {items.toLocaleString("en-US")} found, searched back to{" "}
          {zonedTime(Date.parse(scannedTo), zone, { now: serverClock.now() })}.
        </span>
      )}
      <Button disabled={events.isFetchingNextPage} onClick={() => void events.fetchNextPage()}>
        {events.isFetchingNextPage ? "Looking…" : isSearch ? "Search further back" : "Older events"}
      </Button>
    </Line>
  );
}

function Line({ children }: { children: ReactNode }) {
  return (
    <div className="flex flex-wrap items-center justify-center gap-3 px-3 py-3 text-ink-soft">{children}</div>
  );
}
