/**
 * The address of every screen: links are made here, so that a path is written once, and what a URL says is typed.
 *
 * Paths are those of the router, below the path of the page (`boot.basePath`); `href` makes one for an `<a>` or to copy.
 */
import { boot } from "../boot";
import { stringifySearch, type Search } from "./search";
import type * as said from "./searches";

/** Where a link leads. */
export interface Address {
  path: string;
  search?: Search;
}

/** There is one environment so far; it is in the paths so that links survive when there are more. */
export const ENVIRONMENT = "default";

const at = encodeURIComponent;

function address(below: string, search?: Search): Address {
  return { path: `/env/${ENVIRONMENT}${below}`, ...(search && { search }) };
}

export const paths = {
  overview: (search?: said.OverviewSearch) => address("", search),
  runs: (search?: said.RunsSearch) => address("/runs", search),
  run: (run: string, search?: said.RunSearch) => address(`/runs/${at(run)}`, search),
  compare: (run: string, search?: said.CompareSearch) => address(`/runs/${at(run)}/compare`, search),
  events: (search?: said.EventsSearch) => address("/events", search),
  event: (event: string, search?: said.EventSearch) => address(`/events/${at(event)}`, search),
  functions: (search?: said.FunctionsSearch) => address("/functions", search),
  function: (app: string, id: string, search?: said.FunctionSearch) =>
    address(`/functions/${at(app)}/${at(id)}`, search),
  apps: (search?: said.AppsSearch) => address("/apps", search),
  app: (app: string, search?: said.AppSearch) => address(`/apps/${at(app)}`, search),
  flow: (search?: said.FlowSearch) => address("/flow", search),
  schedules: (search?: said.SchedulesSearch) => address("/schedules", search),
  errors: (search?: said.ErrorsSearch) => address("/errors", search),
  errorGroup: (group: string, search?: said.ErrorGroupSearch) => address(`/errors/${at(group)}`, search),
  metrics: (search?: said.MetricsSearch) => address("/metrics", search),
  operations: () => address("/operations"),
  operation: (operation: string) => address(`/operations/${at(operation)}`),
  send: (search?: said.SendSearch) => address("/send", search),
  system: () => address("/system"),
  audit: (search?: said.AuditSearch) => address("/audit", search),
};

/** The address as the browser has it, with its origin if it is to be used elsewhere. */
export function href({ path, search = {} }: Address, options: { isAbsolute?: boolean } = {}) {
  const local = `${boot.basePath.replace(/\/$/, "")}${path}${stringifySearch(search)}`;
  return options.isAbsolute ? new URL(local, location.origin).href : local;
}

/** The short address of a run, for terminals and chats. */
export function shortRunLink(run: string): string {
  return href({ path: `/r/${at(run)}` }, { isAbsolute: true });
}
