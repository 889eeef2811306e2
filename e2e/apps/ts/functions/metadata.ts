// Functions that note something about their runs and steps.

import type { Definition } from "../sdk.ts";
import type { App } from "./index.ts";

export function metadata(app: App): Definition[] {
  return [
    {
      id: "judge",
      isScorer: true,
      async handler() {
        return { name: "taste", value: true };
      },
    },
    {
      id: "notes",
      events: [app.event("notes")],
      notesMetadata: true,
      async handler(ctx) {
        const { client, tools, group } = ctx;
        await ctx.run("one", () => client!.metadata.set({ files: 1 }));
        await tools.metadata!("of the run").run().set({ status: "resized" });
        await tools.score!("of the run, a score", { name: "quality", value: 0.5 });
        // Through the API, while the run goes on: of a step that is done.
        await ctx.run("two", () => client!.metadata.step("one").set({ seen: true }, "review"));
        const select = Object.assign(() => "b", { __experimentConfig: { strategy: "fixed" } });
        const { result } = await group!.experiment("which", {
          variants: { a: () => ctx.run("in a", () => "A"), b: () => ctx.run("in b", () => "B") },
          select,
        });
        ctx.defer("judge it", "judge", {});
        return result;
      },
    },
  ];
}
