// Requests that the server makes for functions.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, describe, it } from "node:test";
import { FLAVOURS, has } from "../harness/flavours.ts";
import { freePort } from "../harness/ports.ts";
import { originOf } from "../harness/server.ts";
import { StartedRun } from "../harness/started-run.ts";
import { Target, type TargetReply, type TargetRequest } from "../harness/target.ts";
import { useWorld } from "../harness/use-world.ts";

const KEY = "secret-of-the-app";
const REPLY = { id: "reply", choices: [{ message: { content: "a reply" } }], usage: { total_tokens: 3 } };
/** As the functions have it that are to fail: one retry. */
const ATTEMPTS = 2;

/** The end of a path, and what its requests are answered. */
const ANSWERS: Record<string, TargetReply> = {
  "/created": { status: 201, headers: { "x-answer": "because", "content-type": "text/plain" }, body: "grüß Gott" },
  "/broken": { status: 500, headers: { "x-answer": "none" }, body: "{}" },
  "/chat/completions": { status: 200, headers: { "content-type": "application/json" }, body: JSON.stringify(REPLY) },
  "/messages": { status: 200, headers: { "content-type": "application/json" }, body: JSON.stringify(REPLY) },
};

function answer({ path }: TargetRequest): TargetReply {
  if (path.startsWith("/busy/")) return { status: 429, body: JSON.stringify({ error: "too many requests" }) };
  const found = Object.keys(ANSWERS).find((end) => path.endsWith(end));
  return found === undefined ? { status: 404, body: "nothing here" } : ANSWERS[found]!;
}

describe("requests of the server", { concurrency: 8 }, () => {
  const world = useWorld({ functions: "gateway" });
  let target: Target;
  before(async () => {
    target = await Target.start(answer);
  });
  after(() => target.stop());

  for (const flavour of FLAVOURS) {
    const own = (kind: string): string => `/${kind}/${flavour.name}-${randomUUID()}`;

    it(`${flavour.name}: step.ai.infer asks OpenAI`, async () => {
      const [path, content] = [own("openai"), randomUUID()];
      const run = await StartedRun.of(world(), flavour, "infer-openai", { origin: target.origin + path, content });
      assert.deepEqual(await run.completed(), REPLY);
      const [request, ...others] = target.requestsTo(`${path}/v1/chat/completions`);
      assert.deepEqual(others, []);
      assert.equal(request!.method, "POST");
      assert.equal(request!.headers.authorization, `Bearer ${KEY}`);
      assert.match(request!.headers["content-type"] ?? "", /^application\/json/);
      assert.deepEqual(JSON.parse(request!.body), { model: "some-gpt", messages: [{ role: "user", content }] });
      // What is kept of it: the prompt, what the provider says of its answer, and no key.
      const kept = (await world().server.api.steps(run.id)).find(({ request }) => request !== undefined);
      const ai = kept?.metadata.find(({ kind }) => kind === "inngest.ai");
      assert.equal(ai?.values["total_tokens"], REPLY.usage.total_tokens);
      assert.match(JSON.stringify(kept?.request), new RegExp(content));
      assert.doesNotMatch(JSON.stringify(kept), new RegExp(KEY));
    });

    it(`${flavour.name}: step.ai.infer asks Anthropic`, async () => {
      const [path, content] = [own("anthropic"), randomUUID()];
      const run = await StartedRun.of(world(), flavour, "infer-anthropic", { origin: target.origin + path, content });
      assert.deepEqual(await run.completed(), REPLY);
      const [request] = target.requestsTo(`${path}/v1/messages`);
      assert.equal(request!.headers["x-api-key"], KEY);
      assert.equal(request!.headers["anthropic-version"], "2023-06-01");
      assert.equal(request!.headers.authorization, undefined);
      assert.deepEqual(JSON.parse(request!.body), { model: "some-claude", max_tokens: 7, messages: [{ role: "user", content }] });
    });

    it(`${flavour.name}: OP-4 a provider that refuses is asked as often as the function may be tried`, async () => {
      const path = own("busy");
      const run = await StartedRun.of(world(), flavour, "infer-caught", { origin: target.origin + path, content: "" });
      assert.deepEqual(await run.completed(), {
        name: "AIGatewayError",
        message: "Error making AI request: unsuccessful status code: 429",
      });
      assert.equal(target.requestsTo(`${path}/v1/chat/completions`).length, ATTEMPTS);
    });

    if (!has(flavour, "fetch")) continue;
    it(`${flavour.name}: step.fetch makes a request and tells all of its answer`, async () => {
      const path = `${own("fetch")}/created`;
      const run = await StartedRun.of(world(), flavour, "fetch", { url: target.origin + path });
      assert.deepEqual(await run.completed(), { status: 201, header: "because", body: "grüß Gott" });
      const [request, ...others] = target.requestsTo(path);
      assert.deepEqual(others, []);
      assert.equal(request!.method, "PUT");
      assert.equal(request!.headers["x-question"], "why");
      assert.equal(request!.body, "hello");
    });

    it(`${flavour.name}: OP-4 step.fetch takes any status as an answer`, async () => {
      const path = `${own("fetch")}/broken`;
      const run = await StartedRun.of(world(), flavour, "fetch", { url: target.origin + path });
      assert.deepEqual(await run.completed(), { status: 500, header: "none", body: "{}" });
      assert.equal(target.requestsTo(path).length, 1);
    });

    it(`${flavour.name}: OP-4 step.fetch fails where nobody answers`, async () => {
      const run = await StartedRun.of(world(), flavour, "fetch-caught", { url: originOf(await freePort()) });
      const { name, message } = (await run.completed()) as { name: string; message: string };
      assert.equal(name, "GatewayError");
      assert.match(message, /^Error making gateway request: /);
    });
  }
});
