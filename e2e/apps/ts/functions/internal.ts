// Functions that listen to what the server itself sends when runs end, and some that end.

import type { Definition } from "../sdk.ts";
import type { App } from "./index.ts";

export function internal(app: App): Definition[] {
  const fail = async (): Promise<never> => {
    throw new RangeError("out of range");
  };

  return [
    {
      id: "succeeds",
      events: [app.event("succeeds")],
      handler: async () => ({ fine: true }),
    },
    {
      id: "fails",
      events: [app.event("fails")],
      retries: 0,
      handler: fail,
    },
    {
      id: "with-handler",
      events: [app.event("with-handler")],
      retries: 0,
      handler: fail,
      async onFailure(ctx) {
        ctx.note("on-failure", { message: ctx.error?.message, data: ctx.event.data });
      },
    },
    {
      id: "on-failed",
      events: ["inngest/function.failed"],
      async handler(ctx) {
        ctx.note("failed", ctx.event);
      },
    },
    {
      id: "on-finished",
      events: ["inngest/function.finished"],
      async handler(ctx) {
        ctx.note("finished", ctx.event);
      },
    },
  ];
}
