// What the app serves after a deploy: `sequence` is as before, `parallel` listens to another event, the rest is gone.

import type { Definition } from "../sdk.ts";
import { basics } from "./basics.ts";
import type { App } from "./index.ts";

export function changed(app: App): Definition[] {
  return [
    ...basics(app).filter(({ id }) => id === "sequence"),
    {
      id: "parallel",
      events: [app.event("moved")],
      handler: (ctx) => ctx.run("moved", () => "moved"),
    },
    {
      id: "brand-new",
      events: [app.event("brand-new")],
      handler: async () => "new",
    },
  ];
}
