// Functions that run other functions, and those that are run.

import type { Context, Definition } from "../sdk.ts";
import type { App } from "./index.ts";

export function invoke(app: App): Definition[] {
  const own = (functionId: string): unknown => app.reference({ functionId });
  const invoker = (id: string, target: (ctx: Context) => unknown): Definition => ({
    id,
    events: [app.event(id)],
    async handler(ctx) {
      await ctx.run("before", () => null);
      const result = await ctx.tools.invoke("call", { function: target(ctx), data: { n: ctx.event.data["n"] } });
      return ctx.run("after", () => result);
    },
  });

  return [
    {
      id: "child",
      events: [app.event("child")],
      async handler(ctx) {
        const double = await ctx.run("double", () => Number(ctx.event.data["n"]) * 2);
        return { double, event: ctx.event.name };
      },
    },
    {
      id: "child-fails",
      events: [app.event("child-fails")],
      retries: 1,
      async handler() {
        throw new RangeError("the child says no");
      },
    },
    {
      id: "child-slow",
      events: [app.event("child-slow")],
      async handler(ctx) {
        await ctx.tools.sleep("pause", "4s");
        ctx.note("slow", ctx.event.data["id"]);
        return "late";
      },
    },
    invoker("by-id", () => own("child")),
    invoker("by-reference", (ctx) => ctx.functions.get("child")),
    invoker("other-app", (ctx) => app.reference({ appId: String(ctx.event.data["app"]), functionId: "child" })),
    invoker("uncaught", () => own("child-fails")),
    {
      id: "caught",
      events: [app.event("caught")],
      async handler(ctx) {
        const { id, target, seconds } = ctx.event.data;
        const options = { function: own(String(target)), data: { id }, timeout: `${seconds}s` };
        try {
          await ctx.tools.invoke("call", options);
        } catch (error) {
          if (!(error instanceof app.StepError)) throw error;
          return ctx.run("recover", () => ({ name: error.name, message: error.message }));
        }
        return "not reached";
      },
    },
  ];
}
