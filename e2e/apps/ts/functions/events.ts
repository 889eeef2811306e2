// Functions that send events, or share one.

import type { Definition } from "../sdk.ts";
import type { App } from "./index.ts";

export function events(app: App): Definition[] {
  return [
    {
      id: "sender",
      events: [app.event("sender")],
      async handler(ctx) {
        await ctx.tools.sendEvent("send", { name: app.event("receiver"), data: { from: ctx.event.data["tag"] } });
        return ctx.run("after", () => "sent");
      },
    },
    {
      id: "receiver",
      events: [app.event("receiver")],
      handler: (ctx) => ctx.run("receive", () => ctx.event.data["from"]),
    },
    {
      id: "shared-one",
      events: [app.event("shared")],
      handler: (ctx) => ctx.run("work", () => "one"),
    },
    {
      id: "shared-two",
      events: [app.event("shared"), app.event("other")],
      handler: (ctx) => ctx.run("work", () => "two"),
    },
  ];
}
