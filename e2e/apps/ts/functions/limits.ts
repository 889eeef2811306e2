// Functions that never come to an end by themselves.

import type { Definition } from "../sdk.ts";
import type { App } from "./index.ts";

const STEPS = 1_001;

export function limits(app: App): Definition[] {
  return [
    {
      id: "too-many-steps",
      events: [app.event("too-many-steps")],
      async handler(ctx) {
        for (let i = 0; i < STEPS; i++) await ctx.run(`step-${i}`, () => null);
        return "not reached";
      },
    },
    {
      id: "too-many-parallel-steps",
      events: [app.event("too-many-parallel-steps")],
      async handler(ctx) {
        await Promise.all(Array.from({ length: STEPS }, (_, i) => ctx.run(`step-${i}`, () => null)));
        return "not reached";
      },
    },
  ];
}
