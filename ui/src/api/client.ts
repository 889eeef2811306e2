/**
 * Requests to the documented HTTP API: there is no other one for the page.
 *
 * Replies come in the v2 envelope `{"data", "page", "metadata"}`; members that are empty are left out.
 */
import { boot } from "../boot";
import { serverClock } from "../time/clock";

/** Why a request failed, in words for people. */
export class ApiError extends Error {
  override name = "ApiError";
  constructor(
    /** HTTP status; 0 if there was no answer. */
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message);
  }

  get isNotFound(): boolean {
    return this.status === 404;
  }
}

export interface Page {
  limit: number;
  cursor?: string;
  hasMore?: boolean;
  /** A search that ended before its end: how far back it looked. */
  scannedTo?: string;
}

export interface List<T> {
  items: T[];
  page: Page;
}

export type Params = Record<string, string | number | boolean | readonly string[] | undefined>;

interface Reply {
  data?: unknown;
  page?: Page;
  metadata?: { fetchedAt?: string; fetched_at?: string };
}

export interface Options {
  params?: Params;
  method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  body?: unknown;
  signal?: AbortSignal;
}

/** The `data` of a reply. */
export async function get<T>(path: string, options: Options = {}): Promise<T> {
  return (await request(path, options)).data as T;
}

/** A page of a list. */
export async function list<T>(path: string, options: Options = {}): Promise<List<T>> {
  const reply = await request(path, options);
  return { items: (reply.data ?? []) as T[], page: reply.page ?? { limit: 0 } };
}

/** A change. The server notes that a person made it here. */
export async function send<T>(
  path: string,
  body: unknown = {},
  method: "POST" | "PUT" | "DELETE" = "POST",
): Promise<T> {
  return get<T>(path, { method, body });
}

/** Replies that have no envelope, such as `/dev`. */
export async function raw<T>(path: string, options: Options = {}): Promise<T> {
  return (await answer(path, options)) as T;
}

/** Replies that are no JSON, such as `/metrics`. */
export async function text(path: string, options: Options = {}): Promise<string> {
  const { response, body } = await reply(path, options);
  if (!response.ok) throw refusal(response.status, parse(body), body);
  return body;
}

export function url(path: string, params: Params = {}): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) {
    const values = Array.isArray(value) ? value : [value];
    for (const one of values) if (one !== undefined && one !== "") query.append(name, String(one));
  }
  const text = query.toString();
  return `${boot.apiBase}${path}${text === "" ? "" : `?${text}`}`;
}

async function request(path: string, options: Options): Promise<Reply> {
  const reply = ((await answer(path, options)) ?? {}) as Reply;
  const now = reply.metadata?.fetchedAt ?? reply.metadata?.fetched_at;
  if (now !== undefined) serverClock.set(now);
  return reply;
}

async function answer(path: string, options: Options): Promise<unknown> {
  const { response, body } = await reply(path, options);
  const json = parse(body);
  if (!response.ok) throw refusal(response.status, json, body);
  if (json === undefined && body !== "")
    throw new ApiError(response.status, "not_json", `The answer of ${path} is not JSON.`);
  return json;
}

async function reply(
  path: string,
  { params, method = "GET", body, signal }: Options,
): Promise<{ response: Response; body: string }> {
  const init: RequestInit = { method, headers: { accept: "application/json" } };
  if (signal) init.signal = signal;
  if (body !== undefined && method !== "GET") {
    init.body = JSON.stringify(body);
    init.headers = { ...init.headers, "content-type": "application/json", "x-everstep-actor": "dashboard" };
  }
  try {
    const response = await fetch(url(path, params), init);
    return { response, body: await response.text() };
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new ApiError(0, "unreachable", "The server can't be reached.");
  }
}

function parse(text: string): unknown {
  try {
    return text === "" ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

function refusal(status: number, json: unknown, text: string): ApiError {
  const body = (json ?? {}) as { errors?: { code?: string; message?: string }[]; error?: string };
  const errors = body.errors ?? [];
  const messages = errors.map((error) => error.message ?? "").filter((message) => message !== "");
  const message = messages.join(". ") || body.error || text.slice(0, 200) || `The server answered ${status}.`;
  return new ApiError(status, errors[0]?.code ?? String(status), message);
}
