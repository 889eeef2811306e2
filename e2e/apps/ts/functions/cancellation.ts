// Functions that are cancelled while they sleep, wait or execute.

import { setTimeout as delay } from "node:timers/promises";
import type { Context, Definition } from "../sdk.ts";
import type { App } from "./index.ts";

export function cancellation(app: App): Definition[] {
  const cancelOn = [{ event: app.event("cancel"), if: "event.data.id == async.data.id" }];
  const paused = (id: string, pause: (ctx: Context) => Promise<unknown>, options: Definition["options"] = {}): Definition => ({
    id,
    events: [app.event(id)],
    options,
    async handler(ctx) {
      await ctx.run("before", () => null);
      await pause(ctx);
      return ctx.run("after", () => "not cancelled");
    },
    async onFailure(ctx) {
      ctx.note("on-failure", ctx.event.data["run_id"]);
    },
  });
  const asleep = (ctx: Context): Promise<void> => ctx.tools.sleep("pause", "1m");

  return [
    paused("asleep", asleep, { cancelOn }),
    paused("waiting", (ctx) => ctx.tools.waitForEvent("pause", { event: app.event("never"), timeout: "1m" }), { cancelOn }),
    paused("executing", (ctx) => ctx.run("long", () => delay(2_000, "done")), { cancelOn }),
    paused("matched", asleep, { cancelOn: [{ event: app.event("cancel"), match: "data.id" }] }),
    paused("plain", asleep),
    paused("never-starts", asleep, { timeouts: { start: "2s" } }),
    paused("never-finishes", asleep, { timeouts: { finish: "2s" } }),
    {
      id: "on-cancelled",
      events: ["inngest/function.cancelled"],
      async handler(ctx) {
        ctx.note("cancelled", ctx.event);
      },
    },
    {
      id: "passer-by",
      events: [app.event("passer-by")],
      handler: (ctx) => ctx.run("work", () => "passed"),
    },
  ];
}
