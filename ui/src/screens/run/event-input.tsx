/** What started the run: the event, or one of a batch. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { queries } from "../../api/queries";
import type { Run } from "../../api/types";
import { Select } from "../../kit/fields";
import { JsonView } from "../../kit/json";
import { Empty, Failed, Loading } from "../../kit/states";
import { EventLink } from "./summary";

export function EventInput({ run }: { run: Run }) {
  const ids = run.trigger.eventIds ?? [];
  const [index, setIndex] = useState(0);
  const id = ids[index];
  if (id === undefined) return <Empty title="No event is known that started this run" />;
  return (
    <div className="flex h-full min-h-72 flex-col">
      <div className="flex h-9 shrink-0 items-center gap-2 border-b border-line px-3">
        <span className="text-ink-soft">Event</span>
        {ids.length > 1 && (
          <Select
            aria-label="Event of the batch"
            value={index}
            onChange={(event) => setIndex(Number(event.target.value))}
          >
            {ids.map((it, i) => (
              <option key={it} value={i}>
                {i + 1} of {ids.length}
              </option>
            ))}
          </Select>
        )}
        <EventLink id={id} />
      </div>
      <EventBody key={id} id={id} />
    </div>
  );
}

function EventBody({ id }: { id: string }) {
  const event = useQuery(queries.event(id));
  if (event.error && !event.data)
    return <Failed what="The event" error={event.error} retry={event.refetch} />;
  if (!event.data) return <Loading what="the event" />;
  const { name, data, user, v, ts } = event.data;
  return (
    <JsonView
      value={{ name, data: data ?? {}, ...(user ? { user } : {}), ...(v ? { v } : {}), ts }}
      what="input"
    />
  );
}
