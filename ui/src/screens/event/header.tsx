/** The top of an event: its name, ids and times, and what can be done with it. */
import type { EventRecord } from "../../api/types";
import { useKeys } from "../../keys/hooks";
import { copy } from "../../kit/copy";
import { Fact } from "../../kit/fact";
import { useNow } from "../../time/clock";
import { age } from "../../time/format";
import { useZone, zonedTime } from "../../time/zone";
import { Actions } from "./actions";

/** Sender and server agree on when it was, but for the way in between. */
const SAME_MS = 1000;

export function EventHeader({ event }: { event: EventRecord }) {
  const { id, internal_id: internalId, received_at: receivedAt, ts } = event;
  const copyId = () => void copy(internalId, "event id");
  useKeys("Event", [{ keys: "y", does: "Copy the id of the event", run: copyId }]);
  const isEarlier = Math.abs(Date.parse(receivedAt) - ts) > SAME_MS;
  return (
    <header className="flex flex-col gap-1.5">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <h1 className="min-w-0 truncate text-lg font-semibold tracking-tight" title={event.name}>
          {event.name}
        </h1>
        <div className="ml-auto flex flex-wrap items-center gap-2">
          <Actions event={event} />
        </div>
      </div>
      <dl className="flex flex-wrap gap-x-5 text-ink-soft">
        <Fact name="Event">
          <Id text={internalId} onCopy={copyId} />
        </Fact>
        {id !== internalId && (
          <Fact name="Sender's id">
            <Id text={id} onCopy={() => void copy(id, "sender's id")} />
          </Fact>
        )}
        <Fact name="Received">
          <When at={Date.parse(receivedAt)} />
        </Fact>
        {isEarlier && (
          <Fact name="Happened">
            <When at={ts} />
          </Fact>
        )}
        {event.v !== undefined && event.v !== "" && <Fact name="Version">{event.v}</Fact>}
      </dl>
    </header>
  );
}

function Id({ text, onCopy }: { text: string; onCopy: () => void }) {
  return (
    <button
      type="button"
      className="min-h-6 max-w-full truncate font-mono text-xs hover:underline"
      title={`${text}: copy`}
      onClick={onCopy}
    >
      {text}
    </button>
  );
}

function When({ at }: { at: number }) {
  const now = useNow();
  const [zone] = useZone();
  return (
    <time dateTime={new Date(at).toISOString()}>
      {zonedTime(at, zone, { now, ms: true })} <span className="text-ink-faint">({age(at, now)})</span>
    </time>
  );
}
