/** Events are written and sent here, and the runs that they start are seen beside them. */
import { useQuery } from "@tanstack/react-query";
import { queries } from "../../api/queries";
import { Heading } from "../../kit/panel";
import { Split } from "../../kit/split";
import { Failed, Loading } from "../../kit/states";
import { Composer } from "./composer";
import { draftOf, newDraft, type Draft } from "./draft";
import { useHistory } from "./history";
import { useSendSearch } from "./params";
import { Results } from "./results";
import { Sendings } from "./sendings";
import { keptDrafts, useDrafts } from "./use-drafts";

export function SendScreen() {
  const [{ event, name }] = useSendSearch();
  if (event !== undefined) return <FromEvent key={event} id={event} />;
  const first = (): Draft[] => {
    if (name !== undefined) return [newDraft({ name })];
    const kept = keptDrafts();
    return kept.length > 0 ? kept : [newDraft()];
  };
  return <Bench key={name ?? ""} first={first} />;
}

function FromEvent({ id }: { id: string }) {
  const event = useQuery({ ...queries.event(id), staleTime: Infinity });
  if (event.error && !event.data)
    return <Failed what="The event" error={event.error} retry={event.refetch} />;
  if (!event.data) return <Loading what="the event" />;
  const { data } = event;
  return <Bench first={() => [draftOf(data)]} />;
}

function Bench({ first }: { first: () => readonly Draft[] }) {
  const drafts = useDrafts(first);
  const history = useHistory();
  const [{ sent }, show] = useSendSearch();
  return (
    <div className="flex min-h-full flex-col gap-3 lg:h-full lg:min-h-0">
      <Heading title="Send events" />
      <Split
        label="Width of the results"
        setting="send.results"
        width={520}
        first={
          <Composer
            drafts={drafts}
            onSent={(events) => {
              history.add({ at: new Date().toISOString(), events });
              show(events.map((event) => event.eventId));
            }}
          />
        }
        second={
          <div className="flex min-h-0 flex-1 flex-col gap-3">
            <Results ids={sent} />
            <Sendings
              sendings={history.sendings}
              shown={sent}
              onShow={show}
              onUse={(events) => drafts.replace(events.map(draftOf))}
              onClear={history.clear}
            />
          </div>
        }
      />
    </div>
  );
}
