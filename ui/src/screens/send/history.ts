/** What was sent from this browser, newest first; kept in it, and bounded. */
import { useSetting } from "../../settings";
import type { EventBody } from "./draft";

export interface Sending {
  at: string;
  events: readonly SentEvent[];
}

export interface SentEvent extends EventBody {
  /** That the server gave it. */
  eventId: string;
}

const SENDINGS_MAX = 50;
/** Characters; browsers keep a few million for a site. */
const TEXT_MAX = 500_000;

export function readHistory(text: string | undefined): Sending[] {
  try {
    const value: unknown = JSON.parse(text ?? "[]");
    return Array.isArray(value) ? value.filter(isSending) : [];
  } catch {
    return [];
  }
}

/** The oldest go when there is no room for them. */
export function writeHistory(sendings: readonly Sending[]): string {
  const kept = sendings.slice(0, SENDINGS_MAX);
  let text = JSON.stringify(kept);
  while (text.length > TEXT_MAX && kept.length > 0) {
    kept.pop();
    text = JSON.stringify(kept);
  }
  return text;
}

function isSending(value: unknown): value is Sending {
  const { at, events } = (value ?? {}) as Partial<Sending>;
  return (
    typeof at === "string" &&
    Array.isArray(events) &&
    events.every((event) => typeof event?.eventId === "string" && typeof event.name === "string")
  );
}

export function useHistory() {
  const [text, set] = useSetting("send.history");
  const sendings = readHistory(text);
  return {
    sendings,
    add: (sending: Sending) => set(writeHistory([sending, ...sendings])),
    clear: () => set("[]"),
  };
}
