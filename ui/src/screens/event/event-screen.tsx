/** An event: what came of it, function by function, and what it carried. */
import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { queries } from "../../api/queries";
import { Split } from "../../kit/split";
import { Failed, Loading } from "../../kit/states";
import { useRefetchOn } from "../../live/hooks";
import { Evaluations } from "./evaluations";
import { EventHeader } from "./header";
import { useEventId } from "./params";
import { Payload } from "./payload";
import { EventRuns } from "./runs";

export function EventScreen() {
  const id = useEventId();
  return <EventDetail key={id} id={id} />;
}

function EventDetail({ id }: { id: string }) {
  const event = useQuery({ ...queries.event(id), staleTime: Infinity });
  useRefetchOn(`event:${id}`, [
    ["event", id, "runs"],
    ["event", id, "explain"],
  ]);
  const name = event.data?.name;
  useEffect(() => {
    if (name !== undefined) document.title = `${name} · Everstep`;
  }, [name]);
  if (event.error && !event.data)
    return <Failed what="The event" error={event.error} retry={event.refetch} />;
  if (!event.data) return <Loading what="the event" />;
  return (
    <div className="flex min-h-full flex-col gap-3 lg:h-full lg:min-h-0">
      <EventHeader event={event.data} />
      <Split
        label="Width of the payload"
        setting="event.payload"
        width={520}
        first={
          <div className="flex min-h-0 flex-1 flex-col gap-3 lg:overflow-auto">
            <EventRuns id={id} />
            <Evaluations id={id} />
          </div>
        }
        second={<Payload event={event.data} />}
      />
    </div>
  );
}
