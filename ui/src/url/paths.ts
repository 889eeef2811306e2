/**
 * The address of every screen: links are made here, so that a path is written once.
 *
 * They are paths of the router, below the path of the page (`boot.basePath`); `href` makes one for an `<a>` or to copy.
 */
import { boot } from "../boot";
import { stringifySearch } from "./search";

/** There is one environment so far; it is in the paths so that links survive when there are more. */
export const ENVIRONMENT = "default";

const root = `/env/${ENVIRONMENT}`;
const at = encodeURIComponent;

export const paths = {
  overview: () => root,
  runs: () => `${root}/runs`,
  run: (run: string) => `${root}/runs/${at(run)}`,
  compare: (run: string) => `${root}/runs/${at(run)}/compare`,
  events: () => `${root}/events`,
  event: (event: string) => `${root}/events/${at(event)}`,
  functions: () => `${root}/functions`,
  function: (app: string, id: string) => `${root}/functions/${at(app)}/${at(id)}`,
  apps: () => `${root}/apps`,
  app: (app: string) => `${root}/apps/${at(app)}`,
  flow: () => `${root}/flow`,
  schedules: () => `${root}/schedules`,
  errors: () => `${root}/errors`,
  errorGroup: (group: string) => `${root}/errors/${at(group)}`,
  metrics: () => `${root}/metrics`,
  operations: () => `${root}/operations`,
  operation: (operation: string) => `${root}/operations/${at(operation)}`,
  send: () => `${root}/send`,
  system: () => `${root}/system`,
  audit: () => `${root}/audit`,
};

/** The address as the browser has it, with its origin if it is to be used elsewhere. */
export function href(
  path: string,
  search: Record<string, unknown> = {},
  options: { isAbsolute?: boolean } = {},
) {
  const local = `${boot.basePath.replace(/\/$/, "")}${path}${stringifySearch(search)}`;
  return options.isAbsolute ? new URL(local, location.origin).href : local;
}

/** The short address of a run, for terminals and chats. */
export function shortRunLink(run: string): string {
  return href(`/r/${at(run)}`, {}, { isAbsolute: true });
}
