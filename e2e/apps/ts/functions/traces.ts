// Functions that open spans of their own.

import type { Context, Definition, UserSpan } from "../sdk.ts";
import type { App } from "./index.ts";

export function traces(app: App): Definition[] {
  return [
    {
      id: "traced",
      events: [app.event("traced")],
      retries: 1,
      opensSpans: true,
      async handler(ctx) {
        const width = await ctx.run("resize", () =>
          within(ctx, "decode", (decode) => {
            decode.setAttribute("format", "png");
            decode.addEvent("header read", { level: "info" });
            return within(ctx, "scale", (scale) => {
              scale.setAttribute("width", 320);
              return 320;
            });
          }),
        );
        await ctx.run("upload", () =>
          within(ctx, "put", () => {
            if (ctx.attempt === 0) throw new Error("the bucket is away");
          }),
        );
        return width;
      },
    },
  ];
}

/** Does the work in a span that ends with it. */
function within<T>(ctx: Context, name: string, work: (span: UserSpan) => T): T {
  return ctx.tracer!.startActiveSpan(name, (span) => {
    try {
      return work(span);
    } finally {
      span.end();
    }
  });
}
