// Steps side by side. The slow branches are slow enough to end last, however busy the machine is.

import { setTimeout as delay } from "node:timers/promises";
import type { Definition } from "../sdk.ts";
import type { App } from "./index.ts";

export function parallel(app: App): Definition[] {
  return [
    {
      id: "parallel",
      events: [app.event("parallel")],
      async handler(ctx) {
        const parts = await Promise.all([ctx.run("a", () => 1), ctx.run("b", () => 2), ctx.run("c", () => 3)]);
        return ctx.run("after", () => parts.reduce((sum, part) => sum + part));
      },
    },
    {
      id: "branches",
      events: [app.event("branches")],
      async handler(ctx) {
        const branch = async (name: string): Promise<string> => {
          const one = await ctx.run(`${name}1`, () => name);
          const two = await ctx.run(`${name}2`, () => `${one}-2`);
          return ctx.run(`${name}3`, () => `${two}-3`);
        };
        const [left, right] = await Promise.all([branch("left"), branch("right")]);
        return ctx.run("join", () => ({ left, right }));
      },
    },
    {
      id: "nested",
      events: [app.event("nested")],
      async handler(ctx) {
        const inner = async (): Promise<number> => {
          const first = await ctx.run("first", () => 1);
          const [x, y] = await Promise.all([ctx.run("x", () => first + 1), ctx.run("y", () => first + 2)]);
          return ctx.run("inner", () => x + y);
        };
        const outer = async (): Promise<number> => {
          const one = await ctx.run("outer1", () => 10);
          return ctx.run("outer2", () => one * 10);
        };
        const [a, b] = await Promise.all([inner(), outer()]);
        return ctx.run("end", () => a + b);
      },
    },
    {
      id: "parallel-retry",
      events: [app.event("parallel-retry")],
      async handler(ctx) {
        const flaky = (): string => {
          if (ctx.attempt === 0) throw new Error("not yet");
          return "flaky";
        };
        const both = await Promise.all([ctx.run("steady", () => "steady"), ctx.run("flaky", flaky)]);
        return ctx.run("after", () => both);
      },
    },
    {
      id: "parallel-sleep",
      events: [app.event("parallel-sleep")],
      async handler(ctx) {
        await Promise.all([ctx.run("beside", () => null), ctx.tools.sleep("pause", "1s")]);
        return ctx.run("after", () => "rested");
      },
    },
    {
      id: "race",
      events: [app.event("race")],
      async handler(ctx) {
        const winner = await Promise.race([ctx.run("fast", () => "fast"), ctx.run("slow", () => delay(1_000, "slow"))]);
        return ctx.run("after", () => ({ winner }));
      },
    },
    {
      id: "group-race",
      events: [app.event("group-race")],
      async handler(ctx) {
        if (ctx.group === undefined) throw new Error("this SDK has no group tools");
        const winner = await ctx.group.parallel({ mode: "race" }, () =>
          Promise.race([ctx.run("fast", () => "fast"), ctx.run("slow", () => delay(1_000, "slow"))]),
        );
        return ctx.run("after", () => ({ winner }));
      },
    },
  ];
}
