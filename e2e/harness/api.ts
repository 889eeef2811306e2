// The server's HTTP API as far as the tests use it.

import { randomBytes } from "node:crypto";

export interface EventBody {
  name: string;
  data?: object;
  id?: string;
  ts?: number;
}

export interface EventReply {
  httpStatus: number;
  ids: string[];
  status: number;
  error?: string;
}

export interface Run {
  run_id: string;
  status: string;
  /** When its first call began. */
  run_started_at: string;
  ended_at: string | null;
  output?: unknown;
}

/** A part of a run, outstanding until it has ended. */
export interface Span {
  id: string;
  name: string;
  status: string;
  /** If it is a step. */
  stepId?: string;
  stepType?: string;
  endedAt?: string;
  input?: unknown;
  output?: unknown;
  /** The request that the server made for it, if it made one. */
  request?: unknown;
  /** If user code opened it. */
  userland?: { scopeName?: string; spanAttrs?: Record<string, unknown>; events?: { name: string }[] };
  metadata: Metadata[];
  children: Span[];
}

/** What is noted about a run or a step, of one kind. */
export interface Metadata {
  scope: string;
  kind: string;
  values: Record<string, unknown>;
}

/** Something that is done to many runs. */
export interface Operation {
  id: string;
  state: string;
  counts: { matched: number; done: number; skipped: number; failed: number };
}

export interface OperationBody {
  kind: "cancel" | "replay" | "resume";
  filter: object;
  ratePerSecond?: number;
}

/** An answer, whatever its status; `body` is undefined if there is none. */
export interface Answer {
  status: number;
  body: unknown;
}

export interface DevFunction {
  slug: string;
  triggers: { event?: string }[];
}

export class Api {
  readonly #origin: string;

  constructor(origin: string) {
    this.#origin = origin;
  }

  async healthy(): Promise<boolean> {
    try {
      return (await fetch(`${this.#origin}/health`)).ok;
    } catch {
      return false;
    }
  }

  /** The raw reply of the event endpoint, whatever its status. */
  async postEvents(body: unknown, seed?: string): Promise<EventReply> {
    const response = await fetch(`${this.#origin}/e/test-key`, {
      method: "POST",
      headers: { "content-type": "application/json", ...(seed === undefined ? {} : { "x-inngest-event-id-seed": seed }) },
      body: typeof body === "string" ? body : JSON.stringify(body),
    });
    return { httpStatus: response.status, ...((await response.json()) as Omit<EventReply, "httpStatus">) };
  }

  /** Sends one event that must be accepted, and returns its internal id. */
  async send(event: EventBody, seed = newSeed()): Promise<string> {
    const [id] = await this.sendAll([event], seed);
    return id!;
  }

  /** Sends events that must be accepted, in one request, and returns their internal ids. */
  async sendAll(events: readonly EventBody[], seed = newSeed()): Promise<string[]> {
    const reply = await this.postEvents(events, seed);
    if (reply.httpStatus !== 200 || reply.ids.length !== events.length) throw new Error(`events refused: ${JSON.stringify(reply)}`);
    return reply.ids;
  }

  event(id: string): Promise<{ name: string; data: Record<string, unknown> }> {
    return this.#data(`/v1/events/${id}`);
  }

  eventRuns(eventId: string): Promise<Run[]> {
    return this.#data(`/v1/events/${eventId}/runs`);
  }

  run(runId: string): Promise<Run> {
    return this.#data(`/v1/runs/${runId}`);
  }

  /** What happened in a run. */
  async trace(runId: string): Promise<Span> {
    const { rootSpan } = await this.#data<{ rootSpan: SpanBody }>(`/v2/runs/${runId}/trace?includeOutput=true`);
    return spanOf(rootSpan);
  }

  async steps(runId: string): Promise<Span[]> {
    return (await this.trace(runId)).children.filter(({ stepId }) => stepId !== undefined);
  }

  /** What is noted about the run itself. */
  async metadata(runId: string): Promise<Metadata[]> {
    return (await this.trace(runId)).metadata.filter(({ kind }) => kind !== "inngest.usage");
  }

  cancelRun(runId: string): Promise<Answer> {
    return this.#request("DELETE", `/v1/runs/${runId}`);
  }

  /** Cancels the runs of a function that were started in a time, and match `if`. */
  cancelRuns(cancellation: {
    app_id: string;
    function_id: string;
    started_after?: string;
    started_before: string;
    if?: string;
  }): Promise<Answer> {
    return this.#request("POST", "/v1/cancellations", cancellation);
  }

  /** Runs a function without an event of its own. */
  invoke(slug: string, event: { data?: object }): Promise<Answer> {
    return this.#request("POST", `/invoke/${encodeURIComponent(slug)}`, event);
  }

  /** How many runs an operation would be about, and how far back it looked if it did not look at all. */
  preview(body: OperationBody): Promise<{ count: number; isExact: boolean; scannedTo?: string }> {
    return this.#done("/v2/bulk-operations/preview", body);
  }

  startOperation(body: OperationBody): Promise<Operation> {
    return this.#done("/v2/bulk-operations", body);
  }

  operation(id: string): Promise<Operation> {
    return this.#data(`/v2/bulk-operations/${id}`);
  }

  abortOperation(id: string): Promise<Operation> {
    return this.#done(`/v2/bulk-operations/${id}/abort`);
  }

  resumeOperation(id: string): Promise<Operation> {
    return this.#done(`/v2/bulk-operations/${id}/resume`);
  }

  /** The ids of all runs that a query finds. */
  async runIds(query: string): Promise<string[]> {
    const ids: string[] = [];
    for (let cursor: string | undefined = ""; cursor !== undefined; ) {
      const from = cursor === "" ? "" : `&cursor=${encodeURIComponent(cursor)}`;
      const page = (await this.#get(`/v2/runs?limit=100&${query}${from}`)) as { data?: { id: string }[]; page: { cursor?: string } };
      ids.push(...(page.data ?? []).map(({ id }) => id));
      ({ cursor } = page.page);
    }
    return ids;
  }

  /** Whether there is a run that the query matches. */
  async hasRun(query: string): Promise<boolean> {
    const { data = [] } = (await this.#get(`/v2/runs?limit=1&${query}`)) as { data?: unknown[] };
    return data.length > 0;
  }

  /** The ids of the runs that were made of this one. */
  async reruns(runId: string): Promise<string[]> {
    const { data = [] } = (await this.#get(`/v2/runs/${runId}/reruns`)) as { data?: { runId: string }[] };
    return data.map(({ runId }) => runId);
  }

  /** The ids of the groups of errors. */
  async errorGroups(): Promise<string[]> {
    const { data = [] } = (await this.#get("/v2/errors")) as { data?: { id: string }[] };
    return data.map(({ id }) => id);
  }

  signal(signal: string, data: unknown): Promise<Answer> {
    return this.#request("POST", "/v1/signals", { signal, data });
  }

  async functions(): Promise<DevFunction[]> {
    const info = (await this.#get("/dev")) as { functions: DevFunction[] | null };
    return info.functions ?? [];
  }

  async #request(method: string, path: string, body?: object): Promise<Answer> {
    const response = await fetch(`${this.#origin}${path}`, {
      method,
      ...(body === undefined ? {} : { headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text === "" ? undefined : JSON.parse(text) };
  }

  async #done<T>(path: string, body: object = {}): Promise<T> {
    const answer = await this.#request("POST", path, body);
    if (answer.status !== 200) throw new Error(`POST ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return (answer.body as { data: T }).data;
  }

  async #data<T>(path: string): Promise<T> {
    return ((await this.#get(path)) as { data: T }).data;
  }

  async #get(path: string): Promise<unknown> {
    const response = await fetch(`${this.#origin}${path}`);
    if (!response.ok) throw new Error(`GET ${path}: ${response.status} ${await response.text()}`);
    return response.json();
  }
}

/** A span as the server sends it: empty lists are left out, and values of metadata are JSON texts. */
interface SpanBody extends Omit<Span, "metadata" | "children"> {
  metadata?: { scope: string; kind: string; values: Record<string, string> }[];
  children?: SpanBody[];
}

function spanOf({ metadata = [], children = [], ...span }: SpanBody): Span {
  const read = (values: Record<string, string>): Record<string, unknown> =>
    Object.fromEntries(Object.entries(values).map(([name, text]) => [name, JSON.parse(text)]));
  return {
    ...span,
    metadata: metadata.map(({ scope, kind, values }) => ({ scope, kind, values: read(values) })),
    children: children.map(spanOf),
  };
}

/** A seed as SDKs make them: it fixes the internal ids of the events in a request. */
export function newSeed(): string {
  return `${Date.now()},${randomBytes(10).toString("base64")}`;
}
