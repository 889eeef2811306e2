// What runs while things are being killed. Steps take a moment, so that a kill can hit one in the middle.

import { setTimeout as delay } from "node:timers/promises";
import type { Context, Definition } from "../sdk.ts";
import type { App } from "./index.ts";

/** More failures than any of the tests can cause. */
const RETRIES = 20;

export function load(app: App): Definition[] {
  return [...working(app), ...pausing(app)];
}

/** Functions that are busy all the time, or nearly so. */
function working(app: App): Definition[] {
  return [
    define("seq", [app.event("seq")], async (ctx, n) => {
      const one = await work(ctx, "one", n + 1);
      const two = await work(ctx, "two", one * 2);
      const three = await work(ctx, "three", two + one);
      return work(ctx, "four", { one, two, three });
    }),
    define("par", [app.event("par")], async (ctx, n) => {
      const parts = await Promise.all([work(ctx, "a", n), work(ctx, "b", n * 2), work(ctx, "c", n * 3)]);
      return work(ctx, "sum", parts.reduce((sum, part) => sum + part));
    }),
    define("branches", [app.event("branches")], async (ctx, n) => {
      const branch = async (name: string): Promise<number> => {
        const one = await work(ctx, `${name}1`, n + 1);
        return work(ctx, `${name}2`, one * 2);
      };
      const [left, right] = await Promise.all([branch("left"), branch("right")]);
      return work(ctx, "join", left + right);
    }),
    define("sleepy", [app.event("sleepy")], async (ctx, n) => {
      const before = await work(ctx, "before", n + 1);
      await ctx.tools.sleep("pause", "1s");
      return work(ctx, "after", before * 2);
    }),
    define("flaky", [app.event("flaky")], async (ctx, n) => {
      const before = await work(ctx, "before", n + 1);
      const flaky = await ctx.run("flaky", async () => {
        await pause(ctx);
        if (ctx.attempt === 0) throw new Error("not yet");
        return before * 2;
      });
      return work(ctx, "after", flaky + 1);
    }),
    // One event for the functions of all apps.
    define("fanout", ["load/fanout"], async (ctx, n) => {
      const one = await work(ctx, "one", n + 1);
      return work(ctx, "two", one * 2);
    }),
  ];
}

/** Functions that pause until something happens. */
function pausing(app: App): Definition[] {
  const cancelOn = [{ event: app.event("cancel"), if: "event.data.id == async.data.id" }];
  const cancelled = `event.data.function_id == '${app.id}-cancellable'`;

  return [
    define("waiting", [app.event("waiting")], async (ctx, n) => {
      await work(ctx, "before", n);
      const condition = { event: app.event("answer"), if: "event.data.id == async.data.id" };
      const answer = await ctx.tools.waitForEvent("wait", { ...condition, timeout: `${ctx.event.data["seconds"]}s` });
      return work(ctx, "after", answer === null ? "timeout" : answer.data["n"]);
    }),
    define("signalled", [app.event("signalled")], async (ctx, n) => {
      await work(ctx, "before", n);
      const signal = String(ctx.event.data["id"]);
      const answer = await ctx.tools.waitForSignal("wait", { signal, timeout: "10m", onConflict: "fail" });
      return work(ctx, "after", answer === null ? "timeout" : answer.data);
    }),
    define("parent", [app.event("parent")], async (ctx, n) => {
      const before = await work(ctx, "before", n);
      const target = app.reference({ functionId: "child" });
      const result = await ctx.tools.invoke("call", { function: target, data: { n: before } });
      return work(ctx, "after", result);
    }),
    define("child", [app.event("child")], async (ctx, n) => {
      ctx.note("child", n);
      const one = await work(ctx, "one", n + 1);
      await ctx.tools.sleep("pause", "1s");
      return work(ctx, "two", one * 2);
    }),
    define(
      "cancellable",
      [app.event("cancellable")],
      async (ctx, n) => {
        await work(ctx, "before", n);
        await ctx.tools.sleep("pause", "10m");
        return work(ctx, "after", n);
      },
      { options: { cancelOn } },
    ),
    {
      id: "on-cancelled",
      triggers: [{ event: "inngest/function.cancelled", if: cancelled }],
      retries: RETRIES,
      async handler(ctx) {
        ctx.note("cancelled", ctx.event.data["run_id"]);
      },
    },
    {
      id: "tick",
      triggers: [{ cron: "* * * * *" }],
      retries: RETRIES,
      handler: (ctx) =>
        ctx.run("work", () => {
          ctx.note("tick", ctx.event.data["scheduledAt"]);
          return "ticked";
        }),
    },
  ];
}

function define(
  id: string,
  events: string[],
  handler: (ctx: Context, n: number) => Promise<unknown>,
  more: Partial<Definition> = {},
): Definition {
  return { id, events, retries: RETRIES, handler: (ctx) => handler(ctx, Number(ctx.event.data["n"])), ...more };
}

function work<T>(ctx: Context, id: string, value: T): Promise<T> {
  return ctx.run(id, async () => {
    await pause(ctx);
    return value;
  });
}

/** 5 to 60 ms, different from run to run. */
function pause(ctx: Context): Promise<void> {
  return delay(5 + ((Number(ctx.event.data["n"]) * 17) % 56));
}
