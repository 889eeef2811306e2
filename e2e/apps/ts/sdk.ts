// The common ground of both SDK versions, so that every test function is written once.

import type { RequestListener } from "node:http";
import type { Journal } from "./journal.ts";

export interface IncomingEvent {
  id?: string;
  name: string;
  data: Record<string, unknown>;
}

/** The step tools that the functions use, as both SDK versions have them. */
export interface StepTools {
  run(id: string, work: () => unknown): Promise<unknown>;
  sleep(id: string, duration: number | string): Promise<void>;
  sleepUntil(id: string, instant: Date): Promise<void>;
  sendEvent(id: string, event: { name: string; data: object }): Promise<{ ids: string[] }>;
  waitForEvent(id: string, options: { event: string; timeout: string; match?: string; if?: string }): Promise<IncomingEvent | null>;
  waitForSignal(
    id: string,
    options: { signal: string; timeout: string; onConflict: "fail" | "replace" },
  ): Promise<{ signal: string; data: unknown } | null>;
  sendSignal(id: string, options: { signal: string; data: unknown }): Promise<unknown>;
  invoke(id: string, options: { function: unknown; data: object; timeout?: string }): Promise<unknown>;
  fetch: typeof fetch;
  /** Only in version 4, with its middleware. */
  metadata?(id: string): MetadataBuilder;
  /** Only in version 4, with its middleware. */
  score?(id: string, score: Score): Promise<void>;
  ai: {
    infer(id: string, options: { model: unknown; body: object }): Promise<unknown>;
    models: {
      openai(options: { model: string; apiKey: string; baseUrl: string }): unknown;
      anthropic(options: { model: string; apiKey: string; baseUrl: string; defaultParameters: { max_tokens: number } }): unknown;
    };
  };
}

export interface Score {
  name: string;
  value: number | boolean;
}

/** Says what metadata is about, and then notes it. */
export interface MetadataBuilder {
  run(id?: string): MetadataBuilder;
  step(id?: string, index?: number): MetadataBuilder;
  set(values: object, kind?: string): Promise<void>;
}

/** A span of OpenTelemetry, as far as the functions use it. */
export interface UserSpan {
  setAttribute(name: string, value: string | number): void;
  addEvent(name: string, attributes: Record<string, string>): void;
  end(): void;
}

/** Only in version 4, with its middleware. */
export interface Tracer {
  startActiveSpan<T>(name: string, work: (span: UserSpan) => T): T;
}

/** What notes metadata without a step of its own. Only in version 4, with its middleware. */
export interface Client {
  metadata: MetadataBuilder;
}

export interface Groups {
  parallel<T>(options: { mode: "race" }, work: () => Promise<T>): Promise<T>;
  experiment<T>(
    id: string,
    options: { variants: Record<string, () => Promise<T>>; select: () => string },
  ): Promise<{ result: T; variant: string }>;
}

/** Takes back what was deferred. */
export interface DeferHandle {
  abort(): void;
}

/** Has one of the app's deferred functions started when the run ends. */
export type Defer = (id: string, fn: string, data: Record<string, unknown>) => DeferHandle;

/** What an SDK hands to a handler. */
export interface SdkContext {
  event: IncomingEvent;
  /** One, unless they were collected in a batch. */
  events: IncomingEvent[];
  runId: string;
  attempt: number;
  step: StepTools;
  /** Only in version 4. */
  group?: Groups;
  /** Only in onFailure handlers. */
  error?: Error;
  /** Only in version 4. */
  defer?: Defer;
  /** Only in deferred functions. */
  parents?: { fnSlug: string; runId: string }[];
  client?: Client;
  tracer?: Tracer;
}

/** What a function gets: the SDK's context with every step execution written down. */
export class Context {
  readonly event: IncomingEvent;
  readonly events: IncomingEvent[];
  readonly attempt: number;
  readonly tools: StepTools;
  readonly group: SdkContext["group"];
  readonly error: Error | undefined;
  /** The functions of this app as the SDK made them, by their ids. */
  readonly functions: ReadonlyMap<string, unknown>;
  readonly parents: SdkContext["parents"];
  readonly client: SdkContext["client"];
  readonly tracer: SdkContext["tracer"];
  readonly #defer: SdkContext["defer"];
  readonly #run: string;
  readonly #journal: Journal;
  readonly #uses = new Map<string, number>();

  constructor(sdk: SdkContext, journal: Journal, functions: ReadonlyMap<string, unknown>) {
    this.functions = functions;
    this.event = sdk.event;
    this.events = sdk.events;
    this.attempt = sdk.attempt;
    this.tools = sdk.step;
    this.group = sdk.group;
    this.error = sdk.error;
    this.parents = sdk.parents;
    this.client = sdk.client;
    this.tracer = sdk.tracer;
    this.#defer = sdk.defer;
    this.#run = sdk.runId;
    this.#journal = journal;
  }

  /** `step.run` with a journal. */
  async run<T>(id: string, work: () => T | Promise<T>): Promise<T> {
    const step = { run: this.#run, step: this.#key(id), attempt: this.attempt };
    const value = await this.tools.run(id, async () => {
      this.#journal.write({ kind: "step", ...step });
      try {
        const value = await work();
        this.#journal.write({ kind: "step-done", ...step });
        return value;
      } catch (error) {
        this.#journal.write({ kind: "step-failed", ...step, error: String(error) });
        throw error;
      }
    });
    return value as T;
  }

  defer(id: string, fn: string, data: Record<string, unknown>): DeferHandle {
    if (this.#defer === undefined) throw new Error("this SDK can't defer");
    return this.#defer(id, fn, data);
  }

  note(name: string, value: unknown): void {
    this.#journal.write({ kind: "note", run: this.#run, name, value });
  }

  /** The SDK tells repeated ids apart by a counter; the journal has to do the same. */
  #key(id: string): string {
    const uses = this.#uses.get(id) ?? 0;
    this.#uses.set(id, uses + 1);
    return uses === 0 ? id : `${id}:${uses}`;
  }
}

export type Trigger = { event: string; if?: string } | { cron: string };

export interface Definition {
  id: string;
  /** Names of the events that trigger it. */
  events?: string[];
  /** In place of `events`, where more is to be said than their names. */
  triggers?: Trigger[];
  /** It is started by defers only. */
  isDeferred?: boolean;
  /** It is started by defers only, and what it returns is a score of the run that did. */
  isScorer?: boolean;
  /** It needs the middleware that is experimental in version 4. */
  notesMetadata?: boolean;
  /** It opens spans, and needs the middleware that is experimental in version 4. */
  opensSpans?: boolean;
  retries?: number;
  /** Further options, which both SDK versions have alike. */
  options?: {
    cancelOn?: { event: string; if?: string; match?: string }[];
    timeouts?: { start?: string; finish?: string };
    idempotency?: string;
    concurrency?: { limit: number; key?: string; scope?: "fn" | "env" };
    throttle?: { limit: number; period: string; burst: number };
    rateLimit?: { limit: number; period: string };
    debounce?: { period: string; timeout?: string; key: string };
    priority?: { run: string };
    batchEvents?: { maxSize: number; timeout: string; key: string; if: string };
    singleton?: { key: string; mode: "skip" | "cancel" };
  };
  handler(context: Context): Promise<unknown>;
  onFailure?(context: Context): Promise<unknown>;
}

export function triggersOf({ events = [], triggers }: Definition): Trigger[] {
  return triggers ?? events.map((event) => ({ event }));
}

/** The SDK's own error classes; each version has its own. */
export interface Errors {
  NonRetriableError: new (message: string) => Error;
  RetryAfterError: new (message: string, delayMs: number) => Error;
  StepError: new (...args: never[]) => Error;
}

export interface Sdk {
  errors: Errors;
  /** Names a function, of this app if no other is given, for `step.invoke`. */
  reference(target: { appId?: string; functionId: string }): unknown;
  /** A request listener that serves the functions. */
  serve(options: { appId: string; checkpointing: boolean }, definitions: Definition[], journal: Journal): RequestListener;
}
