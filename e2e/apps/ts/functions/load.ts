// What runs while things are being killed. Steps take a moment, so that a kill can hit one in the middle.

import { setTimeout as delay } from "node:timers/promises";
import type { Context, Definition } from "../sdk.ts";
import type { App } from "./index.ts";

/** More failures than any of the tests can cause. */
const RETRIES = 20;

export function load(app: App): Definition[] {
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

function define(id: string, events: string[], handler: (ctx: Context, n: number) => Promise<unknown>): Definition {
  return { id, events, retries: RETRIES, handler: (ctx) => handler(ctx, Number(ctx.event.data["n"])) };
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
