/** Events as they come: newest first, each with what it started. */
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Send } from "lucide-react";
import { useState, type UIEvent } from "react";
import { queries } from "../../api/queries";
import type { Event } from "../../api/types";
import { useKeys } from "../../keys/hooks";
import { Button } from "../../kit/button";
import { Heading, Panel } from "../../kit/panel";
import { useRowKeys } from "../../kit/row-keys";
import { Failed, Loading } from "../../kit/states";
import { useLiveList } from "../../live/hooks";
import { paths } from "../../url/paths";
import { EventTable } from "./event-table";
import { FilterBar } from "./filter-bar";
import { NoEvents } from "./no-events";
import { PageEnd } from "./page-end";
import { belongs, filterParams, useFilter } from "./params";
import { useRunsByEvent } from "./use-marks";

/** Nobody is looking at a row that would move. */
const AT_TOP_PX = 8;
/** The next page is read when so much is left of this one. */
const AHEAD_PX = 600;

export function EventsScreen() {
  const [filter, change] = useFilter();
  const query = queries.events(filterParams(filter));
  const events = useInfiniteQuery(query);
  const pages = events.data?.pages ?? [];
  const items = pages.flatMap((page) => page.items);
  const runs = useRunsByEvent(pages);
  const area = useRowKeys<HTMLDivElement>("Events");
  const [isAtTop, setAtTop] = useState(true);
  const [isFocused, setFocused] = useState(false);
  const { unseen, show } = useLiveList<Event>("events", query.queryKey, {
    isFollowing: isAtTop && !isFocused,
    belongs: (event) => belongs(filter, event),
  });
  const showNew = () => {
    area.current?.scrollTo({ top: 0 });
    show();
  };
  useKeys("Events", [
    { keys: "n", does: "Show the new events", run: () => (unseen > 0 ? showNew() : false) },
  ]);
  const scroll = ({ currentTarget: { scrollTop, scrollHeight, clientHeight } }: UIEvent) => {
    setAtTop(scrollTop < AT_TOP_PX);
    const isNear = scrollHeight - scrollTop - clientHeight < AHEAD_PX;
    // How far back a search goes is for people to say.
    if (isNear && filter.search === undefined && events.hasNextPage && !events.isFetching)
      void events.fetchNextPage();
  };

  return (
    <div className="flex h-full min-h-0 flex-col gap-3">
      <Heading title="Events">
        <Link
          to={paths.send()}
          className="inline-flex h-7 items-center gap-1.5 rounded-md border border-line-strong/50 bg-raised px-2.5 hover:bg-sunken"
        >
          <Send aria-hidden className="size-3.5" />
          Send event
        </Link>
      </Heading>
      <FilterBar filter={filter} seen={namesOf(items)} onChange={change} />
      <Panel className="relative min-h-72 flex-1 overflow-hidden">
        {unseen > 0 && (
          <Button
            look="primary"
            keys="n"
            hint="Show them"
            className="!absolute top-10 left-1/2 z-20 -translate-x-1/2 rounded-full shadow-panel"
            onClick={showNew}
          >
            {unseen.toLocaleString("en-US")} new
          </Button>
        )}
        <div
          ref={area}
          onScroll={scroll}
          onFocus={() => setFocused(true)}
          onBlur={() => setFocused(false)}
          className="min-h-0 flex-1 overflow-auto"
        >
          {events.error && !events.data ? (
            <Failed what="The events" error={events.error} retry={events.refetch} />
          ) : !events.data ? (
            <Loading what="the events" />
          ) : (
            <>
              {items.length > 0 ? (
                <EventTable events={items} runs={runs} />
              ) : (
                !events.hasNextPage && <NoEvents filter={filter} onClear={() => change({})} />
              )}
              <PageEnd events={events} isSearch={filter.search !== undefined} />
            </>
          )}
        </div>
      </Panel>
    </div>
  );
}

function namesOf(events: readonly Event[]): string[] {
  return [...new Set(events.map((event) => event.name))];
}
