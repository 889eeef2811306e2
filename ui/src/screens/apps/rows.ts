/** Apps as they are registered, and as they answer now: one row for each, also for a URL where no app has answered yet. */
import type { App, DevApp } from "../../api/types";

export type AppState = "synced" | "failing" | "waiting" | "api";

export interface AppProblem {
  code: string | undefined;
  message: string;
  /** What helps. */
  hint: string | undefined;
}

export interface AppRow {
  key: string;
  app: App | undefined;
  /** Whether it has registered; else it is a URL at which none has answered yet. */
  isThere: boolean;
  name: string;
  url: string | undefined;
  state: AppState;
  problem: AppProblem | undefined;
  /** `js 4.24.0`. */
  sdk: string | undefined;
  framework: string | undefined;
  version: string | undefined;
  functions: number;
  syncedAt: string | undefined;
  /** Since when it has been in its state. */
  since: string | undefined;
}

/** Those that need somebody first, then by name. */
export function appRows(apps: readonly App[], entries: readonly DevApp[]): AppRow[] {
  const left = new Set(entries);
  const registered = apps.map((app) => {
    const entry = entries.find((it) => it.name === app.id || it.url === app.latestSync?.url);
    if (entry) left.delete(entry);
    return rowOf(app, entry);
  });
  const others = [...left].map((entry) => rowOf(undefined, entry));
  return [...registered, ...others].sort(
    (a, b) => Number(b.state === "failing") - Number(a.state === "failing") || a.name.localeCompare(b.name),
  );
}

function rowOf(app: App | undefined, entry: DevApp | undefined): AppRow {
  const sync = app?.latestSync;
  const problem = problemOf(entry) ?? problemOf(sync);
  const isThere = app?.method === "API" || sync?.syncedAt !== undefined;
  const url = entry?.url ?? sync?.url;
  return {
    key: app?.id ?? url ?? "",
    app,
    name: app?.name ?? entry?.name ?? url ?? "",
    url,
    isThere,
    state: problem ? "failing" : app?.method === "API" ? "api" : isThere ? "synced" : "waiting",
    problem,
    sdk: sync?.sdkLanguage
      ? [sync.sdkLanguage, sync.sdkVersion].filter(Boolean).join(" ")
      : sdkWords(entry?.sdk),
    framework: sync?.framework ?? entry?.framework ?? undefined,
    version: app?.appVersion,
    functions: app?.functionCount ?? 0,
    syncedAt: entry?.synced_at ?? sync?.syncedAt,
    since: entry?.since,
  };
}

export function problemOf(entry: Pick<DevApp, "error"> | undefined): AppProblem | undefined {
  const error = entry?.error;
  if (error === undefined || error === null || error === "") return undefined;
  if (typeof error === "string") return { code: undefined, message: error, hint: undefined };
  const message = error.message ?? error.code ?? "it was refused";
  return { code: error.code, message, hint: error.hint ?? undefined };
}

/** `js:v4.24.0` is `js 4.24.0`. */
function sdkWords(sdk: string | null | undefined): string | undefined {
  if (sdk === null || sdk === undefined || sdk === "") return undefined;
  const [language, version] = sdk.split(":");
  return [language, version?.replace(/^v/, "")].filter(Boolean).join(" ");
}
