/** Events as they come: newest first, each with what it started. */
import { Send } from "lucide-react";
import { useMemo } from "react";
import { queries } from "../../api/queries";
import type { Event } from "../../api/types";
import { ListGrid, useList } from "../../kit/grid";
import { Heading, Panel } from "../../kit/panel";
import { useZone } from "../../time/zone";
import { Link } from "../../url/link";
import { paths } from "../../url/paths";
import { columnsOf } from "./columns";
import { FilterBar } from "./filter-bar";
import { NoEvents } from "./no-events";
import { belongs, filterParams, useFilter } from "./params";
import { useRunsByEvent } from "./use-marks";

export function EventsScreen() {
  const [filter, change] = useFilter();
  const [zone] = useZone();
  const list = useList<Event>(queries.events(filterParams(filter)), {
    topic: "events",
    belongs: (event) => belongs(filter, event),
    isSearch: filter.search !== undefined,
  });
  const runs = useRunsByEvent(list.pages);
  const columns = useMemo(() => columnsOf(runs, zone), [runs, zone]);
  const goOn = () => {
    const last = list.rows.at(-1);
    if (last) change({ ...filter, until: last.receivedAt });
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
      <FilterBar filter={filter} seen={namesOf(list.rows)} onChange={change} />
      <Panel className="min-h-72 flex-1 overflow-hidden">
        <ListGrid
          name="events"
          label="Events"
          what="events"
          list={list}
          columns={columns}
          link={(event) => paths.event(event.id)}
          empty={<NoEvents filter={filter} onClear={() => change({})} />}
          onContinue={goOn}
        />
      </Panel>
    </div>
  );
}

function namesOf(events: readonly Event[]): string[] {
  return [...new Set(events.map((event) => event.name))];
}
