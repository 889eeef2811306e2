// The sets of functions that an app can serve. The apps in Python and Go have the same ones under the same names.

import type { Definition, Errors, Sdk } from "../sdk.ts";
import { basics } from "./basics.ts";
import { cancellation } from "./cancellation.ts";
import { changed } from "./changed.ts";
import { cron } from "./cron.ts";
import { defers } from "./defers.ts";
import { events } from "./events.ts";
import { failures } from "./failures.ts";
import { flow } from "./flow.ts";
import { gateway } from "./gateway.ts";
import { internal } from "./internal.ts";
import { invoke } from "./invoke.ts";
import { limits } from "./limits.ts";
import { load } from "./load.ts";
import { metadata } from "./metadata.ts";
import { parallel } from "./parallel.ts";
import { traces } from "./traces.ts";
import { triggers } from "./triggers.ts";
import { values } from "./values.ts";
import { waits } from "./waits.ts";

/** What a set needs to know of its app. */
export interface App extends Errors {
  id: string;
  /** The app's own event of this name, so that apps on one server do not trigger each other. */
  event(name: string): string;
  reference: Sdk["reference"];
}

const SETS: Record<string, (app: App) => Definition[]> = {
  scenarios: (app) => [...basics(app), ...parallel(app), ...values(app), ...failures(app), ...events(app)],
  load,
  defers,
  internal,
  changed,
  triggers,
  cron,
  waits,
  invoke,
  cancellation,
  gateway,
  limits,
  metadata,
  traces,
  flow,
};

export function functionSet(name: string, appId: string, { errors, reference }: Sdk): Definition[] {
  const set = SETS[name];
  if (set === undefined) throw new Error(`no set of functions is called ${name}`);
  return set({ ...errors, id: appId, reference, event: (event) => `${appId}/${event}` });
}
