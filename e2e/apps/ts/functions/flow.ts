// Functions that may not run as often, or as many at once, as they are triggered.

import { setTimeout as delay } from "node:timers/promises";
import type { Definition } from "../sdk.ts";
import type { App } from "./index.ts";

type Options = NonNullable<Definition["options"]>;

export function flow(app: App): Definition[] {
  const key = "event.data.key";
  /** Works as long as its event says, and returns the event's number. */
  const working = (id: string, options: Options = {}, event = id): Definition => ({
    id,
    events: [app.event(event)],
    options,
    handler: (ctx) => ctx.run("work", () => delay(Number(ctx.event.data["ms"] ?? 0), ctx.event.data["n"] ?? null)),
  });
  const sleeping = (id: string, options: Options, more: Partial<Definition> = {}): Definition => ({
    id,
    events: [app.event(id)],
    options,
    async handler(ctx) {
      await ctx.run("before", () => null);
      await ctx.tools.sleep("pause", "4s");
      return ctx.run("after", () => "rested");
    },
    ...more,
  });

  return [
    working("plain"),
    sleeping("one-asleep", { concurrency: { limit: 1 } }),
    working("one-per-key", { concurrency: { limit: 1, key } }),
    working("shared-one", { concurrency: { limit: 1, key, scope: "env" } }, "shared"),
    working("shared-two", { concurrency: { limit: 1, key, scope: "env" } }, "shared"),
    working("pair", { concurrency: { limit: 2, key } }),
    working("throttled", { throttle: { limit: 1, period: "5s", burst: 2 } }),
    working("limited", { rateLimit: { limit: 10, period: "1m" } }),
    working("debounced", { debounce: { period: "2s", key } }),
    working("debounced-at-most", { debounce: { period: "2s", timeout: "3s", key } }),
    working("prioritised", { concurrency: { limit: 1 }, priority: { run: "event.data.priority" } }),
    {
      id: "batched",
      events: [app.event("batched")],
      options: { batchEvents: { maxSize: 3, timeout: "3s", key, if: "event.data.collect" } },
      handler: (ctx) => ctx.run("numbers", () => ctx.events.map(({ data }) => data["n"])),
    },
    sleeping("first-only", { singleton: { key, mode: "skip" } }),
    sleeping("last-only", { singleton: { key, mode: "cancel" } }),
    sleeping("frail", {}, { retries: 0 }),
  ];
}
