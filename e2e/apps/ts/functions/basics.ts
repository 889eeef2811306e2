// One step after the other, with pauses or without.

import { setTimeout as delay } from "node:timers/promises";
import type { Definition } from "../sdk.ts";
import type { App } from "./index.ts";

export function basics(app: App): Definition[] {
  return [
    {
      id: "sequence",
      events: [app.event("sequence")],
      async handler(ctx) {
        const one = await ctx.run("one", () => Number(ctx.event.data["n"]) + 1);
        const two = await ctx.run("two", () => one * 2);
        const three = await ctx.run("three", () => ({ sum: one + two }));
        return { one, two, three };
      },
    },
    {
      id: "no-steps",
      events: [app.event("no-steps")],
      handler: async (ctx) => ({ hello: ctx.event.data["name"] }),
    },
    {
      id: "nothing",
      events: [app.event("nothing")],
      async handler(ctx) {
        await ctx.run("only", () => "ignored");
      },
    },
    {
      id: "loop",
      events: [app.event("loop")],
      async handler(ctx) {
        let sum = 0;
        for (let i = 0; i < 100; i++) sum += await ctx.run(`step-${i}`, () => i);
        return { sum };
      },
    },
    {
      id: "same-id",
      events: [app.event("same-id")],
      async handler(ctx) {
        const seen: number[] = [];
        for (let i = 0; i < 3; i++) seen.push(await ctx.run("again", () => i));
        return { seen };
      },
    },
    {
      id: "sleep",
      events: [app.event("sleep")],
      async handler(ctx) {
        await ctx.run("before", () => null);
        await ctx.tools.sleep("pause", "1s");
        await ctx.run("after", () => null);
        return "rested";
      },
    },
    {
      id: "short-sleep",
      events: [app.event("short-sleep")],
      async handler(ctx) {
        await ctx.run("before", () => null);
        await ctx.tools.sleep("pause", 300);
        await ctx.run("after", () => null);
        return "rested";
      },
    },
    {
      id: "sleep-until",
      events: [app.event("sleep-until")],
      async handler(ctx) {
        await ctx.run("before", () => null);
        await ctx.tools.sleepUntil("pause", new Date(String(ctx.event.data["until"])));
        await ctx.run("after", () => null);
        return "rested";
      },
    },
    {
      id: "slow",
      events: [app.event("slow")],
      async handler(ctx) {
        const slow = await ctx.run("slow", () => delay(2_000, "slow"));
        const after = await ctx.run("after", () => "after");
        return [slow, after];
      },
    },
  ];
}
