/** Events as they are being written: texts that may not be events yet, and what is wrong with them. */

export interface Draft {
  /** Tells drafts apart; no part of the event. */
  key: string;
  name: string;
  /** JSON text. */
  data: string;
  /** The id of its sender: events with the same id start runs once. */
  id: string;
  /** When it happened: Unix milliseconds or an ISO time. Now, if it is empty. */
  ts: string;
  /** JSON text of an object. */
  user: string;
}

/** An event as the API takes it. */
export interface EventBody {
  name: string;
  data: Record<string, unknown>;
  id?: string;
  ts?: number;
  user?: Record<string, unknown>;
}

export type Problems = Partial<Record<"name" | "data" | "ts" | "user", string>>;

export type Read = { event: EventBody; problems?: never } | { event?: never; problems: Problems };

/** More are better sent with the command line. */
export const DRAFTS_MAX = 20;

let made = 0;

export function newDraft(values: Partial<Omit<Draft, "key">> = {}): Draft {
  made += 1;
  return { name: "", data: "{\n  \n}", id: "", ts: "", user: "", ...values, key: `draft-${made}` };
}

export function readDraft(draft: Draft): Read {
  const problems: Problems = {};
  const name = draft.name.trim();
  if (name === "") problems.name = "An event has a name.";
  else if (name.startsWith("inngest/")) problems.name = "Names that begin with inngest/ are the server's.";
  const data = readObject(draft.data, "The data", problems, "data");
  const user = draft.user.trim() === "" ? undefined : readObject(draft.user, "The user", problems, "user");
  const ts = readTime(draft.ts, problems);
  if (Object.keys(problems).length > 0) return { problems };
  const id = draft.id.trim();
  return {
    event: {
      name,
      data: data ?? {},
      ...(id === "" ? {} : { id }),
      ...(ts === undefined ? {} : { ts }),
      ...(user === undefined ? {} : { user }),
    },
  };
}

function readObject(
  text: string,
  what: string,
  problems: Problems,
  member: "data" | "user",
): Record<string, unknown> | undefined {
  if (text.trim() === "") return {};
  try {
    const value: unknown = JSON.parse(text);
    if (isObject(value)) return value;
    problems[member] = `${what} must be an object.`;
  } catch {
    problems[member] = `${what} is not JSON yet.`;
  }
  return undefined;
}

function readTime(text: string, problems: Problems): number | undefined {
  const typed = text.trim();
  if (typed === "") return undefined;
  const at = /^\d{10,14}$/.test(typed) ? Number(typed) : Date.parse(typed);
  if (!Number.isNaN(at)) return at;
  problems.ts = "Unix milliseconds, or a time such as 2026-11-29T12:00:00Z.";
  return undefined;
}

/** What an event was sent as, to be sent again: as a new one, so without its id and time. */
export function draftOf(event: { name: string; data?: unknown; user?: unknown }): Draft {
  return newDraft({
    name: event.name,
    data: pretty(event.data ?? {}),
    user: event.user === undefined || event.user === null ? "" : JSON.stringify(event.user),
  });
}

/**
 * The drafts of whole events that were pasted where the data goes: an object with a name and data, or a list of them.
 * Nothing, if it may as well be data.
 */
export function unpacked(text: string): Draft[] | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const values: unknown[] = Array.isArray(value) ? value : [value];
  if (values.length === 0 || values.length > DRAFTS_MAX || !values.every(isWholeEvent)) return undefined;
  return values.map((event) => ({
    ...draftOf(event),
    id: typeof event.id === "string" ? event.id : "",
    ts: typeof event.ts === "number" ? String(event.ts) : "",
  }));
}

const MEMBERS = new Set(["name", "data", "id", "ts", "user", "v"]);

function isWholeEvent(
  value: unknown,
): value is { name: string; data: unknown; id?: unknown; ts?: unknown; user?: unknown } {
  return (
    isObject(value) &&
    typeof value["name"] === "string" &&
    isObject(value["data"]) &&
    Object.keys(value).every((member) => MEMBERS.has(member))
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function pretty(value: unknown): string {
  return JSON.stringify(value, null, 2);
}
