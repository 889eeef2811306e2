/** Where an event, or several, is written: name, data, and what else an event can have. */
import { Braces, Copy, Plus, Send, Trash2 } from "lucide-react";
import { useState, type FormEvent } from "react";
import { useKeys } from "../../keys/hooks";
import { label } from "../../keys/notation";
import { Button } from "../../kit/button";
import { copy } from "../../kit/copy";
import { JsonEditor } from "../../kit/editor";
import { Menu, MenuItem } from "../../kit/menu";
import { Panel } from "../../kit/panel";
import { commandOf, curlOf } from "./commands";
import { DraftList } from "./draft-list";
import { DRAFTS_MAX, readDraft, unpacked, type EventBody, type Problems } from "./draft";
import { Name } from "./name";
import { Options } from "./options";
import type { SentEvent } from "./history";
import { useSend } from "./sending";
import type { Drafts } from "./use-drafts";

const SEND = "mod+Enter";
const icon = "size-3.5";

export function Composer({ drafts, onSent }: { drafts: Drafts; onSent: (events: SentEvent[]) => void }) {
  const { all, shown, change } = drafts;
  // What is wrong is said once one has tried to send it.
  const [isTried, setTried] = useState(false);
  const read = all.map((draft) => ({ draft, ...readDraft(draft) }));
  const events = read.flatMap((it) => (it.event ? [it.event] : []));
  const wrong = read.find((it) => it.problems);
  const problems: Problems = (isTried && read.find((it) => it.draft === shown)?.problems) || {};
  const sending = useSend(({ events: sent, error }) => {
    if (sent.length > 0) onSent(sent);
    // What was sent is not sent again with what was not.
    if (error && sent.length > 0) drafts.replace(all.slice(sent.length));
  });
  const submit = () => {
    setTried(wrong !== undefined);
    if (wrong) drafts.show(wrong.draft.key);
    else if (!sending.isPending) sending.mutate(events);
  };
  useKeys("Send events", [{ keys: SEND, does: "Send", isEverywhere: true, run: submit }]);

  return (
    <Panel
      className="flex-1"
      title={all.length === 1 ? "Event" : `${all.length} events`}
      actions={
        <>
          <Button
            look="ghost"
            icon={<Plus aria-hidden className={icon} />}
            disabled={all.length >= DRAFTS_MAX}
            hint="One more event, like this one"
            onClick={drafts.add}
          >
            Add
          </Button>
          {all.length > 1 && (
            <Button
              look="ghost"
              aria-label="Remove this event"
              hint="Remove this event"
              icon={<Trash2 aria-hidden className={icon} />}
              onClick={() => drafts.remove(shown.key)}
            />
          )}
        </>
      }
    >
      {all.length > 1 && (
        <DraftList
          drafts={all}
          shown={shown.key}
          wrong={isTried ? read.filter((it) => it.problems).map((it) => it.draft.key) : []}
          onShow={drafts.show}
        />
      )}
      <form
        key={shown.key}
        noValidate
        className="flex min-h-0 flex-1 flex-col"
        onSubmit={(event: FormEvent) => {
          event.preventDefault();
          submit();
        }}
      >
        <Name value={shown.name} error={problems.name} onChange={(name) => change({ name })} />
        <div className="flex min-h-9 items-center gap-2 border-y border-line px-3">
          <h3 className="flex-1 font-medium">Data</h3>
          <Button
            look="ghost"
            icon={<Braces aria-hidden className={icon} />}
            onClick={() => change({ data: formatted(shown.data) })}
          >
            Format
          </Button>
        </div>
        <Unpack text={shown.data} onUnpack={drafts.unpack} />
        <div className="flex min-h-52 flex-1 flex-col overflow-hidden">
          <JsonEditor
            label="Data"
            value={shown.data}
            onChange={(data) => change({ data })}
            onSubmit={submit}
          />
        </div>
        <Options draft={shown} problems={problems} onChange={change} />
        <footer className="flex flex-wrap items-center gap-2 border-t border-line px-3 py-2">
          <Said sending={sending} problem={problems.data} />
          <CopyMenu events={events} isWhole={!wrong} />
          <Button
            type="submit"
            look="primary"
            icon={<Send aria-hidden className={icon} />}
            hint="Send"
            keys={label(SEND)}
            disabled={sending.isPending}
          >
            {all.length === 1 ? "Send" : `Send ${all.length} events`}
          </Button>
        </footer>
      </form>
    </Panel>
  );
}

/** What came of sending, and what stands against it. */
function Said({ sending, problem }: { sending: ReturnType<typeof useSend>; problem: string | undefined }) {
  const { data } = sending;
  const count = data?.events.length ?? 0;
  const before = count > 0 ? `${count} sent and no longer here. The next was refused: ` : "";
  const text = problem ?? (data?.error && `${before}${data.error.message}`);
  return (
    <p role="alert" className="min-w-0 flex-1 text-bad">
      {text}
    </p>
  );
}

function CopyMenu({ events, isWhole }: { events: readonly EventBody[]; isWhole: boolean }) {
  return (
    <Menu
      trigger={
        <Button icon={<Copy aria-hidden className={icon} />} disabled={!isWhole}>
          Copy
        </Button>
      }
    >
      <MenuItem onSelect={() => void copy(commandOf(events), "command")}>Copy as CLI</MenuItem>
      <MenuItem onSelect={() => void copy(curlOf(events), "command")}>Copy as curl</MenuItem>
      <MenuItem onSelect={() => void copy(jsonOf(events), "events")}>Copy as JSON</MenuItem>
    </Menu>
  );
}

function jsonOf(events: readonly EventBody[]): string {
  return JSON.stringify(events.length === 1 ? events[0] : events, null, 2);
}

/** Offered when whole events were pasted where the data goes. */
function Unpack({ text, onUnpack }: { text: string; onUnpack: Drafts["unpack"] }) {
  const found = unpacked(text);
  if (!found) return null;
  const what = found.length === 1 ? "a whole event" : `${found.length} whole events`;
  return (
    <div role="status" className="flex items-center gap-2 bg-accent-soft px-3 py-1.5">
      <p className="flex-1">This looks like {what}, with name and data.</p>
      <Button onClick={() => onUnpack(found)}>Take apart</Button>
    </div>
  );
}

function formatted(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
