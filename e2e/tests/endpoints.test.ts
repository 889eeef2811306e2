// Durable endpoints: HTTP handlers of an app that use steps while a client waits, with the SDK's own adapter.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type RequestListener, type Server as HttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { Inngest, NonRetriableError, step } from "inngest";
import { stream } from "inngest/experimental/durable-endpoints";
import { fetchWithStream } from "inngest/experimental/durable-endpoints/client";
import { endpointAdapter, serveEndpoint } from "inngest/node";
import type { Run } from "../harness/api.ts";
import { FLAVOURS } from "../harness/flavours.ts";
import { serverBinary } from "../harness/paths.ts";
import { freePort } from "../harness/ports.ts";
import { originOf, Server } from "../harness/server.ts";
import { until } from "../harness/until.ts";
import { useWorld } from "../harness/use-world.ts";

type Handler = (request: Request) => Promise<unknown>;
type Options = Parameters<typeof endpointAdapter.withOptions>[0];

/** How often each step was executed. */
const executed = new Map<string, number>();

function run<T>(id: string, work: (time: number) => T): Promise<unknown> {
  return step.run(id, () => {
    const time = (executed.get(id) ?? 0) + 1;
    executed.set(id, time);
    return work(time);
  });
}

const DEFAULTS = { asyncResponse: "redirect", retries: 3 } as Options;

/** The runs that the app has started, by the path of the request. */
const started = new Map<string, string>();

/** Notes which run the app starts. */
const noting: typeof fetch = (input, init) => {
  if (String(input).endsWith("/v1/checkpoint")) {
    const { run_id, event } = JSON.parse(String(init?.body)) as { run_id: string; event: { data: { path: string } } };
    started.set(event.data.path, run_id);
  }
  return fetch(input, init);
};

/** All options are given: the adapter is one object, and keeps those that it was given last. */
function listenerOf(baseUrl: string, handler: Handler, options: Partial<Options> = {}): RequestListener {
  const adapter = endpointAdapter.withOptions({ ...DEFAULTS, ...options });
  const client = new Inngest({ id: "endpoints", isDev: true, baseUrl, fetch: noting, endpointAdapter: adapter });
  return serveEndpoint(client.endpoint(handler as never) as never);
}

/** A run that an app has started, once it has ended; the report of it can still be on its way. */
async function ended(server: Server, run: string): Promise<Run | undefined> {
  const found = await server.api.run(run).catch(() => undefined);
  return found?.ended_at ? found : undefined;
}

const HANDLERS: Record<string, { handler: Handler; options?: Partial<Options> }> = {
  "/stepless": { handler: async () => new Response("hi", { status: 201 }) },
  "/plain": {
    handler: async (request) => {
      const n = Number(new URL(request.url).searchParams.get("n"));
      return { sum: ((await run("one", () => n)) as number) + ((await run("two", () => 2)) as number) };
    },
  },
  "/sleepy": {
    handler: async (request) => {
      const query = new URL(request.url).searchParams.get("q");
      const before = await run("before-sleep", () => 1);
      await step.sleep("nap", "1s");
      return { query, before, after: await run("after-sleep", () => 2) };
    },
  },
  "/patient": {
    handler: async () => {
      await run("before-kill", () => 1);
      await step.sleep("long nap", "4s");
      return { rested: await run("after-kill", () => true) };
    },
  },
  "/flaky": {
    handler: async () => ({
      value: await run("flaky", (time) => {
        if (time < 3) throw new Error(`boom ${time}`);
        return time;
      }),
    }),
  },
  "/hopeless": {
    options: { retries: 2 },
    handler: async () => {
      try {
        await run("hopeless", (time) => {
          throw new Error(`boom ${time}`);
        });
      } catch (error) {
        return { caught: (error as Error).message };
      }
      return { caught: "nothing" };
    },
  },
  "/fatal-step": {
    handler: async () => {
      try {
        await run("fatal", () => {
          throw new NonRetriableError("final");
        });
      } catch (error) {
        return { caught: (error as Error).message };
      }
      return { caught: "nothing" };
    },
  },
  "/throws": {
    options: { retries: 2 },
    handler: async () => {
      await run("before-throw", () => 1);
      throw new Error("the handler itself");
    },
  },
  "/parallel": {
    handler: async () => Promise.all([run("left", () => "l"), run("right", () => "r")]),
  },
  "/token": {
    options: { asyncResponse: "token" as NonNullable<Options["asyncResponse"]> },
    handler: async () => {
      await step.sleep("nap", "1s");
      return { done: true };
    },
  },
  "/streamed": {
    handler: async () => {
      await run("first words", () => stream.push("direct"));
      await step.sleep("nap", "1s");
      await run("last words", () => stream.push("redirected"));
      return { streamed: true };
    },
  },
};

describe("durable endpoints of TypeScript 4", { concurrency: 8 }, () => {
  const folder = mkdtempSync(join(tmpdir(), "everstep-e2e-"));
  let server: Server;
  let origin: string;
  let app: HttpServer;
  let appOrigin: string;

  before(async () => {
    const port = await freePort();
    origin = originOf(port);
    server = new Server({ binary: serverBinary(), port, folder });
    await server.start();
    app = createServer((request, response) => {
      const path = new URL(request.url ?? "/", "http://app.test").pathname;
      const { handler, options } = HANDLERS[path]!;
      void listenerOf(origin, handler, options)(request, response);
    });
    await new Promise<void>((listening) => app.listen(0, "127.0.0.1", listening));
    appOrigin = originOf((app.address() as AddressInfo).port);
  });
  after(async () => {
    app.closeAllConnections();
    app.close();
    await server.kill();
    rmSync(folder, { recursive: true, force: true });
  });

  /** The answer of a handler whose run turned async, as the client gets it that follows the redirect. */
  async function redirected(path: string): Promise<{ status: number; body: string; run: string }> {
    const first = await fetch(`${appOrigin}${path}`, { redirect: "manual" });
    assert.equal(first.status, 302, await first.text());
    const location = first.headers.get("location")!;
    const [, run] = /\/v1\/http\/runs\/(\w+)\/output\?token=/.exec(location)!;
    const second = await fetch(location);
    return { status: second.status, body: await second.text(), run: run! };
  }

  function view(run: string): Promise<Run> {
    return until(`the run ${run} has ended`, () => ended(server, run));
  }

  /** The run of the only request to an endpoint, which is reported after the answer. */
  function runOf(path: string): Promise<string> {
    return until(`the app has started a run of ${path}`, () => started.get(path));
  }

  it("answers directly without steps", async () => {
    const response = await fetch(`${appOrigin}/stepless`);
    assert.deepEqual([response.status, await response.text()], [201, "hi"]);
    assert.equal((await view(await runOf("/stepless"))).status, "Completed");
  });

  it("answers directly after steps", async () => {
    const response = await fetch(`${appOrigin}/plain?n=1`, { method: "POST", body: "{}" });
    assert.deepEqual([response.status, await response.json()], [200, { sum: 3 }]);
    const { status, output } = await view(await runOf("/plain"));
    assert.equal(status, "Completed");
    assert.equal((output as { body: string }).body, '{"sum":3}');
  });

  it("redirects the client of a handler that sleeps to its result", async () => {
    const { status, body } = await redirected("/sleepy?q=1");
    assert.deepEqual([status, JSON.parse(body)], [200, { query: "1", before: 1, after: 2 }]);
    assert.deepEqual([executed.get("before-sleep"), executed.get("after-sleep")], [1, 1]);
  });

  it("tries a step again that fails", async () => {
    const { status, body } = await redirected("/flaky");
    assert.deepEqual([status, JSON.parse(body)], [200, { value: 3 }]);
    assert.equal(executed.get("flaky"), 3);
  });

  it("gives up a step after its last attempt", async () => {
    const { body } = await redirected("/hopeless");
    assert.deepEqual(JSON.parse(body), { caught: "boom 3" });
    assert.equal(executed.get("hopeless"), 3);
  });

  it("lets the handler catch a step that fails for good", async () => {
    const { body } = await redirected("/fatal-step");
    assert.deepEqual(JSON.parse(body), { caught: "final" });
    assert.equal(executed.get("fatal"), 1);
  });

  it("fails the run of a handler that throws", async () => {
    const { status, body, run } = await redirected("/throws");
    assert.equal(status, 500);
    assert.match(body, /the handler itself/);
    assert.equal((await view(run)).status, "Failed");
    assert.equal(executed.get("before-throw"), 1);
  });

  it("executes parallel steps once each", async () => {
    const { body } = await redirected("/parallel");
    assert.deepEqual(JSON.parse(body), ["l", "r"]);
    assert.deepEqual([executed.get("left"), executed.get("right")], [1, 1]);
  });

  it("gives the client a token instead", async () => {
    const first = await fetch(`${appOrigin}/token`);
    const { run_id: run, token } = (await first.json()) as { run_id: string; token: string };
    const result = await fetch(`${origin}/v1/checkpoint/${run}/output?token=${token}`);
    assert.deepEqual([result.status, await result.json()], [200, { done: true }]);
    const stranger = await fetch(`${origin}/v1/checkpoint/${run}/output?token=${token}x`);
    assert.equal(stranger.status, 401);
  });

  it("streams to a client that follows the redirect", async () => {
    const seen: unknown[] = [];
    const response = await fetchWithStream(`${appOrigin}/streamed`, { onData: ({ data }) => seen.push(data) });
    assert.deepEqual(await response.json(), { streamed: true });
    assert.deepEqual(seen, ["direct", "redirected"]);
  });
});

describe("durable endpoints of Go", () => {
  const world = useWorld({ functions: "scenarios", flavours: FLAVOURS.filter(({ name }) => name === "go") });
  const url = (path: string): string => `${originOf(world().apps[0]!.port)}/endpoints/${path}`;

  it("answers directly after steps", async () => {
    const response = await fetch(url("plain"));
    assert.deepEqual([response.status, await response.text()], [201, "one is 1"]);
    const run = response.headers.get("x-run-id")!;
    const { status } = await until(`the run ${run} has ended`, () => ended(world().server, run));
    assert.equal(status, "Completed");
  });

  it("redirects the client of a handler that sleeps to its result", async () => {
    const response = await fetch(url("sleepy"), { method: "POST", body: "grüß Gott" });
    assert.ok(response.redirected, response.url);
    assert.deepEqual([response.status, await response.text()], [200, "grüß Gott: 1 and 2"]);
    assert.match(response.headers.get("content-type") ?? "", /^text\/plain/);
  });
});

describe("a durable endpoint and the end of its server", () => {
  const folder = mkdtempSync(join(tmpdir(), "everstep-e2e-"));
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("goes on after the server was killed", async () => {
    const port = await freePort();
    const server = new Server({ binary: serverBinary(), port, folder });
    await server.start();
    const listener = listenerOf(originOf(port), HANDLERS["/patient"]!.handler);
    const app = createServer((request, response) => void listener(request, response));
    await new Promise<void>((listening) => app.listen(0, "127.0.0.1", listening));
    try {
      const url = `${originOf((app.address() as AddressInfo).port)}/patient`;
      const first = await fetch(url, { redirect: "manual" });
      assert.equal(first.status, 302);
      await server.kill();
      await server.start();
      // The token is as good as before.
      const result = await fetch(first.headers.get("location")!);
      assert.deepEqual([result.status, await result.json()], [200, { rested: true }]);
      assert.deepEqual([executed.get("before-kill"), executed.get("after-kill")], [1, 1]);
    } finally {
      app.closeAllConnections();
      app.close();
      await server.kill();
    }
  });
});
