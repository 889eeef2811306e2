// What steps return, from nothing to too much.

import type { Definition } from "../sdk.ts";
import type { App } from "./index.ts";

const MEGABYTE = 1_000_000;

export function values(app: App): Definition[] {
  return [
    {
      id: "empty-values",
      events: [app.event("empty-values")],
      async handler(ctx) {
        const nothing: unknown = await ctx.run("nothing", () => undefined);
        const none: unknown = await ctx.run("none", () => null);
        // A sleep ends the call, so that the values are read from what the server memoized.
        await ctx.tools.sleep("pause", 0);
        return { nothing: nothing ?? null, none, empty: await ctx.run("empty", () => ["", {}, [], 0, false]) };
      },
    },
    {
      id: "unicode",
      events: [app.event("unicode")],
      async handler(ctx) {
        const text = String(ctx.event.data["text"]);
        const big = await ctx.run("big", () => text.repeat(Number(ctx.event.data["times"])));
        await ctx.tools.sleep("pause", 0);
        return ctx.run(text, () => big);
      },
    },
    {
      id: "numbers",
      events: [app.event("numbers")],
      async handler(ctx) {
        const numbers = await ctx.run("numbers", () => [
          2 ** 53 - 1, 2 ** 53 + 2, -(2 ** 63), 12345678901234567890, 1e21, 0.1 + 0.2, 1.5e-7, 5e-324, 1.7976931348623157e308,
          -0.5, 1.0, 0,
        ]);
        await ctx.tools.sleep("pause", 0);
        return ctx.run("copy", () => numbers);
      },
    },
    {
      id: "large",
      events: [app.event("large")],
      async handler(ctx) {
        const lengths: number[] = [];
        for (let i = 0; i < 5; i++) {
          const text = await ctx.run(`large-${i}`, () => String(i).repeat(1.2 * MEGABYTE));
          lengths.push(text.length);
        }
        // With checkpointing all of the above happens in one call; only the next one has to carry it.
        await ctx.tools.sleep("pause", 0);
        return ctx.run("last", () => lengths);
      },
    },
    {
      id: "too-large",
      events: [app.event("too-large")],
      retries: 1,
      handler: (ctx) => ctx.run("too-large", () => "x".repeat(5 * MEGABYTE)),
    },
  ];
}
