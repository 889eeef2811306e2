/** Events as commands: for a terminal, a script, a bug report. */
import { url } from "../../api/client";
import { quoted } from "../../kit/quoted";
import type { EventBody } from "./draft";

/** Each is a request of its own, as the page sends them. */
export function curlOf(events: readonly EventBody[]): string {
  const address = new URL(url("v2/events"), document.baseURI).href;
  const one = (event: EventBody) =>
    `curl -s ${quoted(address)} -H 'content-type: application/json' -d ${quoted(JSON.stringify(event))}`;
  return events.map(one).join("\n");
}

export function commandOf(events: readonly EventBody[]): string {
  const server = new URL(url(""), document.baseURI).href.replace(/\/$/, "");
  const one = ({ name, data, user, id, ts }: EventBody) => {
    const words = ["everstep events send", quoted(name), "--url", quoted(server)];
    if (ts !== undefined) return piped({ name, data, user, id, ts }, server);
    words.push("--data", quoted(JSON.stringify(data)));
    if (user !== undefined) words.push("--user", quoted(JSON.stringify(user)));
    if (id !== undefined) words.push("--id", quoted(id));
    return words.join(" ");
  };
  return events.map(one).join("\n");
}

/** The command has no option for the time of an event. */
function piped(event: object, server: string): string {
  return `echo ${quoted(JSON.stringify(event))} | everstep events send --url ${quoted(server)}`;
}
