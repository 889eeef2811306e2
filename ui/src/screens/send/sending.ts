/** Sending events, one after the other: those that came before one that is refused are sent. */
import { useMutation } from "@tanstack/react-query";
import { send } from "../../api/client";
import type { EventBody } from "./draft";
import type { SentEvent } from "./history";

export interface Sent {
  events: SentEvent[];
  /** Why the next one was refused. */
  error?: Error;
}

export async function sendAll(events: readonly EventBody[]): Promise<Sent> {
  const sent: SentEvent[] = [];
  for (const event of events) {
    try {
      const { eventId } = await send<{ eventId: string }>("v2/events", event);
      sent.push({ ...event, eventId });
    } catch (error) {
      return { events: sent, error: error instanceof Error ? error : new Error(String(error)) };
    }
  }
  return { events: sent };
}

export function useSend(done: (sent: Sent) => void) {
  return useMutation({ mutationFn: sendAll, onSuccess: done });
}
