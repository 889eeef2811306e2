// A function that is due every minute, which is as often as a schedule can be.

import type { Definition } from "../sdk.ts";
import type { App } from "./index.ts";

export function cron(app: App): Definition[] {
  return [
    {
      id: "tick",
      // The event only shows that the app is there.
      triggers: [{ cron: "* * * * *" }, { event: app.event("tick") }],
      async handler(ctx) {
        ctx.note("tick", ctx.event);
        return ctx.run("work", () => "ticked");
      },
    },
  ];
}
