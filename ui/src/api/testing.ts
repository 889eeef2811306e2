/** For tests of screens: a server that answers what it is told to, and a live feed that tells what it is told to. */
import { act } from "@testing-library/react";
import { vi } from "vitest";

export interface Asked {
  method: string;
  path: string;
  params: Record<string, string>;
  body: unknown;
}

/** By path: the `data` of the reply, a whole reply that has `data`, a text, or a status that refuses. */
export type Answers = Record<string, unknown>;

export class FakeServer {
  readonly asked: Asked[] = [];

  constructor(readonly answers: Answers) {
    vi.stubGlobal("fetch", (url: string, init?: RequestInit) => Promise.resolve(this.#answer(url, init)));
  }

  /** What was asked of a path. */
  of(path: string): Asked[] {
    return this.asked.filter((it) => it.path === path);
  }

  #answer(url: string, init: RequestInit = {}): Response {
    const { pathname, searchParams } = new URL(url, "http://server");
    const body: unknown = typeof init.body === "string" ? JSON.parse(init.body) : undefined;
    const params = Object.fromEntries(searchParams);
    this.asked.push({ method: init.method ?? "GET", path: pathname, params, body });
    const answer = this.answers[pathname];
    if (answer === undefined) return refusal(404, `no answer for ${pathname}`);
    if (typeof answer === "number") return refusal(answer, "The store is away");
    if (typeof answer === "string") return new Response(answer);
    const isWhole = typeof answer === "object" && answer !== null && "data" in answer;
    return new Response(JSON.stringify(isWhole ? answer : { data: answer }));
  }
}

function refusal(status: number, message: string): Response {
  return new Response(JSON.stringify({ errors: [{ code: "test", message }] }), { status });
}

class FakeSocket {
  static readonly OPEN = 1;
  static readonly all: FakeSocket[] = [];
  readonly readyState = 1;
  onopen?: () => void;
  onmessage?: (event: { data: string }) => void;
  constructor() {
    FakeSocket.all.push(this);
    queueMicrotask(() => this.onopen?.());
  }
  send(): void {}
  close(): void {}
}

/** Call it before anything is rendered: the page has one socket, for all tests of a file. */
export function fakeLive(): void {
  vi.stubGlobal("WebSocket", FakeSocket);
}

/** The live feed tells of these rows. */
export async function tell(topic: string, rows: readonly unknown[], kind = "delta"): Promise<void> {
  const data = JSON.stringify({ kind, topic, cursor: "c", data: rows });
  await act(async () => FakeSocket.all.at(-1)?.onmessage?.({ data }));
}
