// Functions that have others started when they end.

import type { Definition } from "../sdk.ts";
import type { App } from "./index.ts";

export function defers(app: App): Definition[] {
  return [
    {
      id: "later",
      isDeferred: true,
      async handler(ctx) {
        const data = await ctx.run("look", () => ctx.event.data);
        ctx.note("deferred", { data, parent: ctx.parents?.[0] });
      },
    },
    {
      id: "defers",
      events: [app.event("defers")],
      async handler(ctx) {
        const late = ctx.defer("late", "later", { what: "aborted after a step" });
        await ctx.run("one", () => 1);
        ctx.defer("early", "later", { what: "aborted at once" }).abort();
        ctx.defer("kept", "later", { what: "kept" });
        await ctx.run("two", () => 2);
        late.abort();
        return "deferred";
      },
    },
    {
      id: "defers-and-fails",
      events: [app.event("defers-and-fails")],
      retries: 1,
      async handler(ctx) {
        ctx.defer("kept", "later", { what: "kept" });
        throw new Error("after a defer");
      },
    },
  ];
}
