/** What an event carried: its data, its user, and the whole of it. */
import type { EventRecord } from "../../api/types";
import { JsonView } from "../../kit/json";
import { Panel } from "../../kit/panel";
import { Tabs, type Tab } from "../../kit/tabs";
import { useTab } from "./params";

export function Payload({ event }: { event: EventRecord }) {
  const [tab, show] = useTab();
  const { name, data, user, v, ts, id } = event;
  const hasUser = user !== undefined && user !== null;
  const whole = { id, name, data: data ?? {}, ...(hasUser ? { user } : {}), ...(v ? { v } : {}), ts };
  const tabs: Tab[] = [
    view("data", "Data", data ?? {}),
    ...(hasUser ? [view("user", "User", user)] : []),
    view("event", "Whole event", whole),
  ];
  return (
    <Panel className="flex-1 overflow-hidden">
      <Tabs label="Parts of the event" tabs={tabs} current={tab ?? "data"} onChange={show} />
    </Panel>
  );
}

function view(id: string, title: string, value: unknown): Tab {
  return {
    id,
    title,
    content: () => (
      <div className="flex h-full min-h-72 flex-col">
        <JsonView value={value} what={id} />
      </div>
    ),
  };
}
