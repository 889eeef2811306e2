// Errors in steps and between them.

import type { Context, Definition } from "../sdk.ts";
import type { App } from "./index.ts";

export function failures(app: App): Definition[] {
  /** Work that fails so many times. */
  const failing = (ctx: Context, times: number) => (): { attempt: number } => {
    if (ctx.attempt < times) throw new Error(`attempt ${ctx.attempt} is too early`);
    return { attempt: ctx.attempt };
  };
  const boom = (): never => {
    throw new TypeError("boom for good");
  };

  return [
    {
      id: "step-retry",
      events: [app.event("step-retry")],
      async handler(ctx) {
        await ctx.run("before", () => null);
        const flaky = await ctx.run("flaky", failing(ctx, 2));
        return ctx.run("after", () => flaky);
      },
    },
    {
      id: "step-fails",
      events: [app.event("step-fails")],
      retries: 1,
      async handler(ctx) {
        await ctx.run("before", () => null);
        await ctx.run("boom", boom);
      },
    },
    {
      id: "step-caught",
      events: [app.event("step-caught")],
      retries: 1,
      async handler(ctx) {
        try {
          await ctx.run("boom", boom);
        } catch (error) {
          if (!(error instanceof app.StepError)) throw error;
          return ctx.run("recover", () => ({ caught: error.message }));
        }
        return "not reached";
      },
    },
    {
      id: "step-fatal",
      events: [app.event("step-fatal")],
      handler: (ctx) =>
        ctx.run("fatal", () => {
          throw new app.NonRetriableError("never again");
        }),
    },
    {
      id: "body-fatal",
      events: [app.event("body-fatal")],
      async handler(ctx) {
        await ctx.run("before", () => null);
        ctx.note("body", ctx.attempt);
        throw new app.NonRetriableError("never again");
      },
    },
    {
      id: "step-retry-after",
      events: [app.event("step-retry-after")],
      async handler(ctx) {
        return ctx.run("patient", () => {
          if (ctx.attempt === 0) throw new app.RetryAfterError("later", Number(ctx.event.data["delayMs"]));
          return "patient";
        });
      },
    },
    {
      id: "body-retry-after",
      events: [app.event("body-retry-after")],
      async handler(ctx) {
        ctx.note("body", ctx.attempt);
        if (ctx.attempt === 0) throw new app.RetryAfterError("later", Number(ctx.event.data["delayMs"]));
        return ctx.run("patient", () => "patient");
      },
    },
    {
      id: "body-retry",
      events: [app.event("body-retry")],
      async handler(ctx) {
        await ctx.run("before", () => null);
        ctx.note("body", ctx.attempt);
        return failing(ctx, 2)();
      },
    },
    {
      id: "no-retries",
      events: [app.event("no-retries")],
      retries: 0,
      handler: (ctx) => ctx.run("boom", boom),
    },
    {
      id: "no-retries-body",
      events: [app.event("no-retries-body")],
      retries: 0,
      async handler(ctx) {
        ctx.note("body", ctx.attempt);
        boom();
      },
    },
  ];
}
