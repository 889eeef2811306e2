/**
 * The one WebSocket of the page (`/v2/live`): topics, cursors, and what is told of them.
 *
 * A topic that is followed is followed again after a break, from its cursor on. What could not be told is a gap:
 * whoever shows the topic then reads it anew. A page that is hidden for a while leaves, and comes back when it is seen.
 */
import { boot } from "../boot";
import { serverClock } from "../time/clock";

export type LiveState = "connecting" | "live" | "reconnecting" | "paused";

export interface Message {
  kind: "snapshot" | "delta" | "gap";
  /** Rows as they are now; none with a gap. */
  rows: Row[];
}

export interface Row {
  id?: string;
  [name: string]: unknown;
}

export type Listener = (message: Message) => void;

interface Followed {
  listeners: Set<Listener>;
  cursor: string | undefined;
}

/** Between attempts to connect, doubled from the first to the last. */
const RETRY_FIRST_MS = 500;
const RETRY_LAST_MS = 15_000;
/** A page that nobody sees for so long is left alone. */
const HIDDEN_MS = 60_000;
/** The server gives a sign of life every 15 s; without one the connection is dead. */
const SILENCE_MS = 40_000;

export class LiveSocket {
  #socket: WebSocket | undefined;
  #topics = new Map<string, Followed>();
  #state: LiveState = "connecting";
  #watchers = new Set<() => void>();
  #retry = RETRY_FIRST_MS;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #silence: ReturnType<typeof setTimeout> | undefined;
  #hidden: ReturnType<typeof setTimeout> | undefined;
  #isPaused = false;

  constructor(readonly url: string) {
    document.addEventListener("visibilitychange", () => this.#seen());
    window.addEventListener("online", () => this.#again());
  }

  get state(): LiveState {
    return this.#state;
  }

  /** Told when the state changes. */
  watch = (watcher: () => void): (() => void) => {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  };

  /** Follow a topic, until the function that is returned is called. */
  follow(topic: string, listener: Listener): () => void {
    let followed = this.#topics.get(topic);
    if (!followed) {
      followed = { listeners: new Set(), cursor: undefined };
      this.#topics.set(topic, followed);
      this.#say({ sub: topic });
    }
    followed.listeners.add(listener);
    this.#connect();
    return () => {
      followed.listeners.delete(listener);
      if (followed.listeners.size === 0 && this.#topics.get(topic) === followed) {
        this.#topics.delete(topic);
        this.#say({ unsub: topic });
      }
    };
  }

  /** Stop updates, or go on. */
  pause(isPaused: boolean): void {
    this.#isPaused = isPaused;
    if (isPaused) {
      this.#close();
      this.#set("paused");
    } else this.#again();
  }

  #connect(): void {
    if (this.#socket || this.#timer !== undefined || this.#isPaused) return;
    if (this.#state !== "connecting") this.#set("reconnecting");
    const socket = new WebSocket(this.url);
    this.#socket = socket;
    socket.onopen = () => {
      this.#retry = RETRY_FIRST_MS;
      this.#set("live");
      this.#alive();
      for (const [topic, { cursor }] of this.#topics)
        this.#say(cursor === undefined ? { sub: topic } : { sub: topic, cursor });
    };
    socket.onmessage = ({ data }) => {
      this.#alive();
      this.#hear(JSON.parse(String(data)) as Record<string, unknown>);
    };
    socket.onclose = () => {
      if (this.#socket !== socket) return;
      this.#close();
      if (this.#isPaused) return;
      this.#set("reconnecting");
      this.#timer = setTimeout(() => this.#again(), this.#retry * (0.75 + Math.random() / 2));
      this.#retry = Math.min(this.#retry * 2, RETRY_LAST_MS);
    };
  }

  #hear(said: Record<string, unknown>): void {
    if (said["kind"] === "heartbeat") return serverClock.set(String(said["at"]));
    const followed = this.#topics.get(String(said["topic"]));
    if (!followed) return;
    followed.cursor = String(said["cursor"]);
    const message = { kind: said["kind"] as Message["kind"], rows: (said["data"] ?? []) as Row[] };
    for (const listener of followed.listeners) listener(message);
  }

  #say(request: { sub?: string; unsub?: string; cursor?: string }): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(request));
  }

  #again(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#topics.size > 0) this.#connect();
  }

  #alive(): void {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => this.#socket?.close(), SILENCE_MS);
  }

  #seen(): void {
    clearTimeout(this.#hidden);
    if (document.hidden) this.#hidden = setTimeout(() => this.#close(), HIDDEN_MS);
    else this.#again();
  }

  #close(): void {
    clearTimeout(this.#silence);
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close();
  }

  #set(state: LiveState): void {
    if (state === this.#state) return;
    this.#state = state;
    for (const watcher of this.#watchers) watcher();
  }
}

function address(): string {
  const url = new URL(`${boot.apiBase}v2/live`, location.href);
  url.protocol = url.protocol.replace("http", "ws");
  return url.href;
}

export const live = new LiveSocket(address());
