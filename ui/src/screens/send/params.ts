/** What the URL says of the screen: the event to begin with, and the events whose results are shown. */
import { useUrlSearch } from "../../url/navigation";
import { many, one, type Search } from "../../url/search";
import type { SendSearch as UrlOfSend } from "../../url/searches";

export interface SendSearch {
  /** Id of an event to edit and send. */
  event: string | undefined;
  /** A name to begin with. */
  name: string | undefined;
  /** Ids of events that were sent. */
  sent: readonly string[];
}

export function readSendSearch(search: Search): SendSearch {
  return { event: one(search["event"]), name: one(search["name"]), sent: many(search["sent"]) ?? [] };
}

export function useSendSearch(): [SendSearch, (sent: readonly string[]) => void] {
  const { search, set } = useUrlSearch<UrlOfSend>();
  const said = readSendSearch(search);
  return [said, (sent) => set({ ...said, sent })];
}
