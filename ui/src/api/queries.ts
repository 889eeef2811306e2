/** What the page reads, by resource: keys of the cache, and how each is fetched. */
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { get, list, raw, send, text, type List, type Params } from "./client";
import { parseSamples } from "./samples";
import { serverClock } from "../time/clock";
import { compact } from "../url/search";
import type * as t from "./types";

/** Rows of a page of a list. */
const PAGE = 100;
/** The most that a page of these has. */
const EVENT_RUNS_PAGE = 40;
const SCHEDULES_PAGE = 40;

const next = <T>(last: List<T>): string | undefined => (last.page.hasMore ? last.page.cursor : undefined);

function pages<T>(key: readonly unknown[], path: string, params: Params = {}) {
  return infiniteQueryOptions({
    queryKey: [...key, params] as const,
    queryFn: ({ pageParam, signal }) =>
      list<T>(path, { params: { limit: PAGE, ...params, cursor: pageParam }, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: next,
  });
}

/** Of a list that comes in pages. */
export type ListQuery<T> = ReturnType<typeof pages<T>>;

function one<T>(key: readonly unknown[], path: string, params: Params = {}) {
  return queryOptions({
    queryKey: [...key, params] as const,
    queryFn: ({ signal }) => get<T>(path, { params, signal }),
  });
}

const at = encodeURIComponent;

export const queries = {
  runs: (params: Params) => pages<t.Run>(["runs"], "v2/runs", params),
  run: (id: string) => one<t.Run>(["run", id], `v2/runs/${at(id)}`, { includeOutput: true }),
  trace: (id: string) => one<t.Trace>(["run", id, "trace"], `v2/runs/${at(id)}/trace`),
  /** With inputs and outputs: read once something is selected. */
  traceWithOutput: (id: string) =>
    one<t.Trace>(["run", id, "trace"], `v2/runs/${at(id)}/trace`, { includeOutput: true }),
  runExplanation: (id: string) => one<t.RunExplanation>(["run", id, "explain"], `v1/runs/${at(id)}/explain`),
  /** The newest runs of a function that completed. */
  successes: (app: string, id: string) =>
    queryOptions({
      queryKey: ["runs", "successes", app, id],
      queryFn: ({ signal }) =>
        list<t.Run>(`v2/apps/${at(app)}/functions/${at(id)}/runs`, {
          params: { status: "COMPLETED", limit: 2 },
          signal,
        }),
    }),
  /** What a rerun from a step on would keep. */
  rerunPlan: (id: string, stepId: string) =>
    queryOptions({
      queryKey: ["run", id, "plan", stepId],
      queryFn: () => send<t.RerunPlan>(`v2/runs/${at(id)}/rerun?dryRun=true`, { fromStep: { stepId } }),
    }),
  /** Few, so they are read at once. */
  attributes: () =>
    queryOptions({
      queryKey: ["attributes"],
      queryFn: ({ signal }) => everything<t.Attribute>("v2/attributes", signal),
    }),
  reruns: (id: string) =>
    pages<{ runId: string; queuedAt: string }>(["run", id, "reruns"], `v2/runs/${at(id)}/reruns`),

  events: (params: Params) => pages<t.Event>(["events"], "v2/events", params),
  event: (id: string) => one<t.EventRecord>(["event", id], `v1/events/${at(id)}`),
  eventRuns: (id: string) =>
    pages<t.Run>(["event", id, "runs"], `v2/events/${at(id)}/runs`, { limit: EVENT_RUNS_PAGE }),
  eventExplanation: (id: string) =>
    one<t.EventExplanation>(["event", id, "explain"], `v1/events/${at(id)}/explain`),

  apps: (params: Params = {}) => pages<t.App>(["apps"], "v2/apps", params),
  dev: () => queryOptions({ queryKey: ["dev"], queryFn: ({ signal }) => raw<t.DevInfo>("dev", { signal }) }),
  /** Of all apps: few, so they are read at once. */
  functions: () =>
    queryOptions({
      queryKey: ["functions"],
      queryFn: async ({ signal }) => {
        const apps = (await everything<t.App>("v2/apps", signal)).filter(isRegistered);
        const lists = await Promise.all(
          apps.map((app) => everything<t.Function>(`v2/apps/${at(app.id)}/functions`, signal)),
        );
        return lists.flat();
      },
    }),
  function: (app: string, id: string) =>
    one<t.Function>(["function", app, id], `v2/apps/${at(app)}/functions/${at(id)}`),

  /** Of all functions, in short. */
  flows: () =>
    queryOptions({
      queryKey: ["flow"],
      queryFn: async ({ signal }) => {
        const summaries = await get<t.FlowSummary[] | undefined>("v2/flow", { signal });
        return {
          bySlug: new Map((summaries ?? []).map((it) => [it.function, it])),
          readAt: serverClock.now(),
        };
      },
    }),
  flow: (slug: string) =>
    queryOptions({
      queryKey: ["flow", slug],
      queryFn: async ({ signal }): Promise<t.FlowReport> => {
        const report = await get<Omit<t.FlowReport, "readAt">>(`v2/functions/${at(slug)}/flow`, { signal });
        return { ...report, readAt: serverClock.now() };
      },
    }),
  flowExplanation: (slug: string) =>
    one<t.FunctionExplanation>(["flow", slug, "explain"], `v1/functions/${at(slug)}/explain`),
  /** Figures of the server since it started, as Prometheus reads them. */
  samples: () =>
    queryOptions({
      queryKey: ["samples"],
      queryFn: async ({ signal }) => parseSamples(await text("metrics", { signal })),
    }),
  /** The newest runs of a function. */
  functionRuns: (app: string, id: string) =>
    pages<t.Run>(["runs", "function", app, id], `v2/apps/${at(app)}/functions/${at(id)}/runs`, { limit: 20 }),

  system: () => one<t.SystemInfo>(["system"], "v2/system"),
  /** Tables are measured by reading them: large ones only if it is asked for. */
  storage: (measure?: true) => one<t.Storage>(["storage"], "v2/system/storage", compact({ measure })),
  audit: (params: Params) => pages<t.AuditEntry>(["audit"], "v2/audit", params),

  schedules: () =>
    queryOptions({
      queryKey: ["schedules"],
      queryFn: ({ signal }) => everything<t.Schedule>("v2/schedules", signal, SCHEDULES_PAGE),
    }),

  metrics: (params: Params) => one<t.RunMetrics>(["metrics"], "v2/metrics/runs", params),
  errors: (params: Params = {}) => pages<t.ErrorGroup>(["errors"], "v2/errors", params),
  error: (id: string) => one<t.ErrorGroup>(["error", id], `v2/errors/${at(id)}`),
  errorRuns: (id: string) => pages<t.Run>(["error", id, "runs"], `v2/errors/${at(id)}/runs`),
  operations: () => pages<t.Operation>(["operations"], "v2/bulk-operations"),
  /** Which runs an operation would be about. */
  operationPreview: (body: { kind: t.Operation["kind"]; filter: Record<string, unknown> }) =>
    queryOptions({
      queryKey: ["operations", "preview", body],
      queryFn: () => send<t.OperationPreview>("v2/bulk-operations/preview", body),
    }),
  operation: (id: string) => one<t.Operation>(["operation", id], `v2/bulk-operations/${at(id)}`),
};

/** A URL at which no app has answered yet is listed among them, and has no functions. */
function isRegistered({ latestSync }: t.App): boolean {
  return latestSync === undefined || latestSync.syncedAt !== undefined;
}

/** All pages of a list that is known to be short. */
async function everything<T>(path: string, signal: AbortSignal, limit = PAGE): Promise<T[]> {
  const items: T[] = [];
  let cursor: string | undefined;
  do {
    const page: List<T> = await list<T>(path, { params: { limit, cursor }, signal });
    items.push(...page.items);
    cursor = next(page);
  } while (cursor !== undefined);
  return items;
}
