// Requests that the server makes for a function. Where to is in the event.

import type { Context, Definition } from "../sdk.ts";
import type { App } from "./index.ts";

const KEY = "secret-of-the-app";

export function gateway(app: App): Definition[] {
  const openai = (ctx: Context): unknown =>
    ctx.tools.ai.models.openai({ model: "some-gpt", apiKey: KEY, baseUrl: `${ctx.event.data["origin"]}/v1` });
  const anthropic = (ctx: Context): unknown =>
    ctx.tools.ai.models.anthropic({
      model: "some-claude",
      apiKey: KEY,
      baseUrl: `${ctx.event.data["origin"]}/v1`,
      defaultParameters: { max_tokens: 7 },
    });
  const infer = (id: string, model: (ctx: Context) => unknown): Definition => ({
    id,
    events: [app.event(id)],
    async handler(ctx) {
      const reply = await ctx.tools.ai.infer("infer", { model: model(ctx), body: prompt(ctx) });
      return ctx.run("after", () => reply);
    },
  });
  /** What became of the request, if it went wrong as it should. */
  const caught = (id: string, request: (ctx: Context) => Promise<unknown>): Definition => ({
    id,
    events: [app.event(id)],
    retries: 1,
    async handler(ctx) {
      try {
        await request(ctx);
      } catch (error) {
        if (!(error instanceof app.StepError)) throw error;
        return ctx.run("recover", () => ({ name: error.name, message: error.message }));
      }
      return "not reached";
    },
  });

  return [
    {
      id: "fetch",
      events: [app.event("fetch")],
      async handler(ctx) {
        const request = { method: "PUT", headers: { "x-question": "why" }, body: "hello" };
        const response = await ctx.tools.fetch(String(ctx.event.data["url"]), request);
        const body = await response.text();
        return ctx.run("after", () => ({ status: response.status, header: response.headers.get("x-answer"), body }));
      },
    },
    caught("fetch-caught", (ctx) => ctx.tools.fetch(String(ctx.event.data["url"]))),
    infer("infer-openai", openai),
    infer("infer-anthropic", anthropic),
    caught("infer-caught", (ctx) => ctx.tools.ai.infer("infer", { model: openai(ctx), body: prompt(ctx) })),
  ];
}

function prompt(ctx: Context): object {
  return { messages: [{ role: "user", content: String(ctx.event.data["content"]) }] };
}
