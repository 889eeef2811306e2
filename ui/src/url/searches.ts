/** What the URL of each screen may say after `?`. Screens read it with care all the same: people write URLs, too. */
import type { SpanStatus } from "../api/types";

/** Members that are undefined are left out of the URL. */
type Said<Name extends string, Value = string> = { [name in Name]?: Value | undefined };

export type RangeSearch = Said<"since" | "from" | "until">;
type OfTime = Said<"since">;
type OneOrMore = string | readonly string[];

export type OverviewSearch = OfTime;
export type RunsSearch = RangeSearch &
  Said<"status", SpanStatus | readonly SpanStatus[]> &
  Said<"appId" | "functionId", OneOrMore> &
  Said<
    "eventName" | "key" | "errorGroup" | "isDeferred" | "timeField" | "search" | "operation" | "peek" | "view"
  > &
  Said<`attr.${string}`>;
export type RunSearch = Said<"step" | "tab" | "t0" | "t1" | "idle" | "path">;
export type CompareSearch = Said<"with" | "step">;
export type EventsSearch = RangeSearch & Said<"name" | "search" | "internal">;
export type EventSearch = Said<"tab">;
export type AppsSearch = Said<"archived">;
export type FunctionsSearch = Said<"q" | "archived">;
export type FunctionSearch = OfTime;
export type AppSearch = OfTime;
export type FlowSearch = Said<"show" | "function">;
export type SchedulesSearch = Said<"order">;
export type ErrorsSearch = Said<"status" | "function">;
export type ErrorGroupSearch = Said<"operation">;
export type MetricsSearch = RangeSearch & Said<"function" | "app">;
export type SendSearch = Said<"event" | "name"> & Said<"sent", readonly string[]>;
export type AuditSearch = RangeSearch & Said<"action" | "actor" | "function" | "run">;
