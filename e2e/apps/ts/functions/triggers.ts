// What makes a function start, and what does not.

import type { Definition, Trigger } from "../sdk.ts";
import type { App } from "./index.ts";

export function triggers(app: App): Definition[] {
  /** Returns its own id, so that the outputs of an event's runs tell which functions it started. */
  const named = (id: string, triggers: Trigger[], options?: Definition["options"]): Definition => ({
    id,
    triggers,
    ...(options === undefined ? {} : { options }),
    handler: (ctx) => ctx.run("name", () => id),
  });
  const event = app.event("candidate");

  return [
    named("above", [{ event, if: "event.data.x > 5" }]),
    named("below", [{ event, if: "event.data.x < 5" }]),
    named("absent", [{ event, if: "event.data.x == null" }]),
    named("tagged", [{ event, if: "event.data.kind == 'a' && event.data.tags.exists(tag, tag == 'b')" }]),
    named("twice", [
      { event: app.event("twice"), if: "event.data.n == 1" },
      { event: app.event("twice"), if: "event.data.n < 10" },
    ]),
    named("idempotent", [{ event: app.event("idempotent") }], { idempotency: "event.data.key" }),
    named("plain", [{ event: app.event("plain") }]),
  ];
}
