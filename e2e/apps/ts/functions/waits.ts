// Waiting for events and signals. What is waited for, and how long, is in the event.

import type { Context, Definition, IncomingEvent } from "../sdk.ts";
import type { App } from "./index.ts";

export function waits(app: App): Definition[] {
  const waiting = (id: string, condition: { if?: string; match?: string } = {}): Definition => ({
    id,
    events: [app.event(id)],
    async handler(ctx) {
      await ctx.run("before", () => null);
      const event = await ctx.tools.waitForEvent("wait", { event: awaited(app, ctx), timeout: patience(ctx), ...condition });
      return ctx.run("after", () => told(event));
    },
  });

  return [
    waiting("wait"),
    waiting("wait-self"),
    waiting("wait-if", { if: "event.data.id == async.data.id" }),
    waiting("wait-match", { match: "data.id" }),
    waiting("wait-invalid", { if: "event.data.id ==" }),
    {
      id: "wait-beside-send",
      events: [app.event("wait-beside-send")],
      async handler(ctx) {
        const event = { name: awaited(app, ctx), data: { n: ctx.event.data["n"] } };
        const [received] = await Promise.all([
          ctx.tools.waitForEvent("wait", { event: event.name, timeout: patience(ctx) }),
          ctx.tools.sendEvent("send", event),
        ]);
        return ctx.run("after", () => told(received));
      },
    },
    {
      id: "signal",
      events: [app.event("signal")],
      async handler(ctx) {
        await ctx.run("before", () => null);
        const signal = await ctx.tools.waitForSignal("wait", {
          signal: String(ctx.event.data["signal"]),
          timeout: patience(ctx),
          onConflict: ctx.event.data["replace"] === true ? "replace" : "fail",
        });
        return ctx.run("after", () => signal ?? "timeout");
      },
    },
    {
      id: "signal-sender",
      events: [app.event("signal-sender")],
      async handler(ctx) {
        await ctx.tools.sendSignal("send", { signal: String(ctx.event.data["signal"]), data: ctx.event.data["value"] });
        return ctx.run("after", () => "sent");
      },
    },
  ];
}

function awaited(app: App, ctx: Context): string {
  return app.event(String(ctx.event.data["for"]));
}

function patience(ctx: Context): string {
  return `${ctx.event.data["seconds"]}s`;
}

function told(event: IncomingEvent | null): unknown {
  return event === null ? "timeout" : { name: event.name, n: event.data["n"] };
}
