/** What needs somebody, in the order of how much it does. */
import type { ErrorGroup, Function, FunctionExplanation, RunCounts } from "../../api/types";
import { failureRate, percent } from "../../kit/charts";
import { paths, type Address } from "../../url/paths";
import type { AppRow } from "../apps/rows";

export interface Item {
  key: string;
  kind: "app" | "function" | "error" | "paused";
  title: string;
  detail: string;
  /** When it was last so. */
  at: string | undefined;
  to: Address;
}

export interface Seen {
  apps: readonly AppRow[];
  functions: readonly Function[];
  /** Of the first function of each app. */
  explanations: readonly { app: string; explanation: FunctionExplanation | undefined }[];
  /** Open ones, the latest first. */
  groups: readonly ErrorGroup[];
  counts: readonly { fn: Function; total: RunCounts | undefined }[];
}

/** Of error groups so many are listed. */
const GROUPS_SHOWN = 5;
/** Below it a function does well enough. */
const RATE_MIN = 0.02;

export function attentionOf(seen: Seen): Item[] {
  return [
    ...failingApps(seen),
    ...silentApps(seen),
    ...failingFunctions(seen),
    ...errors(seen),
    ...paused(seen),
  ];
}

function failingApps({ apps }: Seen): Item[] {
  return apps.flatMap(({ key, app, name, problem, since }) =>
    problem
      ? [
          {
            key: `app ${key}`,
            kind: "app" as const,
            title: `${name} can't be synced`,
            detail: [problem.message, problem.hint].filter(Boolean).join(": "),
            at: since,
            to: app ? paths.app(app.id) : paths.apps(),
          },
        ]
      : [],
  );
}

/** Apps that get no calls for now. */
function silentApps({ explanations, apps }: Seen): Item[] {
  const failing = new Set(apps.filter(({ problem }) => problem).map(({ name }) => name));
  return explanations.flatMap(({ app, explanation }) => {
    const reason = explanation?.reasons?.find(({ kind }) => kind === "app_unreachable");
    if (!reason || failing.has(app)) return [];
    return [
      {
        key: `silent ${app}`,
        kind: "app" as const,
        title: `${app} gets no calls for now`,
        detail: reason.text.replace(/^waits because /, "").replace(/ until \S+$/, ""),
        at: reason.since,
        to: paths.app(app),
      },
    ];
  });
}

function failingFunctions({ counts }: Seen): Item[] {
  return counts
    .flatMap(({ fn, total }) => {
      const rate = total && failureRate(total);
      return total && rate !== undefined && rate >= RATE_MIN ? [{ fn, total, rate }] : [];
    })
    .sort((a, b) => b.rate - a.rate)
    .map(({ fn, total, rate }) => ({
      key: `function ${fn.slug}`,
      kind: "function" as const,
      title: `${fn.name || fn.id}: ${percent(rate)} failed`,
      detail: `${total.failed.toLocaleString("en-US")} of ${(total.failed + total.completed).toLocaleString("en-US")} runs`,
      at: undefined,
      to: paths.function(fn.app.id, fn.id),
    }));
}

function errors({ groups, functions }: Seen): Item[] {
  return groups.slice(0, GROUPS_SHOWN).map((group) => {
    const fn = functions.find(({ slug }) => slug === group.function);
    const owner = fn?.name ?? group.function ?? "a function that is no more";
    const runs = `${group.runs.toLocaleString("en-US")} ${group.runs === 1 ? "run" : "runs"}`;
    return {
      key: `error ${group.id}`,
      kind: "error" as const,
      title: group.message || group.name || "An error without a message",
      detail: [group.isBack && "back", runs, owner, group.step].filter(Boolean).join(" · "),
      at: group.lastSeen,
      to: paths.errorGroup(group.id),
    };
  });
}

function paused({ functions }: Seen): Item[] {
  return functions
    .filter((fn) => fn.isPaused && !fn.isArchived)
    .map((fn) => ({
      key: `paused ${fn.slug}`,
      kind: "paused" as const,
      title: `${fn.name || fn.id} is paused`,
      detail: fn.app.id,
      at: undefined,
      to: paths.function(fn.app.id, fn.id),
    }));
}

/** Those whose rates are worth reading: with open errors. */
export function suspects(groups: readonly ErrorGroup[], functions: readonly Function[]): Function[] {
  const slugs = new Set(groups.slice(0, GROUPS_SHOWN).map((group) => group.function));
  return functions.filter(({ slug }) => slugs.has(slug));
}

/** One function of each app: what holds up an app holds up all of its functions. */
export function firstOfEach(functions: readonly Function[]): Function[] {
  const seen = new Map<string, Function>();
  for (const fn of functions) if (!fn.isArchived && !seen.has(fn.app.id)) seen.set(fn.app.id, fn);
  return [...seen.values()];
}
