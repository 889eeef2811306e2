// The sets of functions that an app can serve. The apps in Python and Go have the same ones under the same names.

import type { Definition, Errors } from "../sdk.ts";
import { basics } from "./basics.ts";
import { changed } from "./changed.ts";
import { defers } from "./defers.ts";
import { events } from "./events.ts";
import { failures } from "./failures.ts";
import { internal } from "./internal.ts";
import { load } from "./load.ts";
import { parallel } from "./parallel.ts";
import { values } from "./values.ts";

/** What a set needs to know of its app. */
export interface App extends Errors {
  /** The app's own event of this name, so that apps on one server do not trigger each other. */
  event(name: string): string;
}

const SETS: Record<string, (app: App) => Definition[]> = {
  scenarios: (app) => [...basics(app), ...parallel(app), ...values(app), ...failures(app), ...events(app)],
  load,
  defers,
  internal,
  changed,
};

export function functionSet(name: string, appId: string, errors: Errors): Definition[] {
  const set = SETS[name];
  if (set === undefined) throw new Error(`no set of functions is called ${name}`);
  return set({ ...errors, event: (event) => `${appId}/${event}` });
}
