/** The limits of a function: what the code says, what is set beside it, and what is in use. */
import { compact } from "../../url/search";
import type { FlowReport, Limit, LimitName, Override } from "../../api/types";
import { LIMITS } from "./words";

export interface LimitRow {
  name: LimitName;
  /** What the code says. */
  code?: { value: number; period?: string; burst?: number; scope?: string } | undefined;
  /** Each value of it has a limit of its own. */
  expression?: string | undefined;
  /** Set beside the code for all keys. */
  override?: Override | undefined;
  /** Set beside the code for one value of the key each. */
  keyOverrides: readonly Override[];
  /** What is in use, if the limit has no key. */
  state?: Limit | undefined;
  /** Of a limit with a key: values that calls run or wait under, and those of them that are full. */
  keys: number;
  fullKeys: number;
}

interface CodeConcurrency {
  limit?: { value?: number };
  key?: string;
  scope?: string;
}

interface CodeRate {
  limit?: number;
  period?: string;
  burst?: number;
  key?: string;
}

/** Limits that there are, in the order in which they are asked. */
export function limitRows(configuration: Record<string, unknown>, report: FlowReport): LimitRow[] {
  const rows = (Object.keys(LIMITS) as LimitName[]).map((name) => row(name, configuration, report));
  return rows.filter(
    ({ code, state, override, keyOverrides, keys }) =>
      code || state || override || keyOverrides.length > 0 || keys > 0,
  );
}

function row(name: LimitName, configuration: Record<string, unknown>, report: FlowReport): LimitRow {
  const overrides = (report.overrides ?? []).filter(({ limit }) => limit === name);
  const ofLanes = (report.lanes ?? []).flatMap((lane) =>
    [...(lane.limits ?? []), ...(lane.blockedBy ?? [])].filter((limit) => limit.name === name && limit.key),
  );
  const byId = new Map(ofLanes.map((limit) => [limit.id, limit]));
  const { code, expression } = inCode(name, configuration);
  return {
    name,
    code,
    expression: expression ?? ofLanes[0]?.key?.expression,
    override: overrides.find(({ key }) => key == null),
    keyOverrides: overrides.filter(({ key }) => key != null),
    state: (report.limits ?? []).find((limit) => limit.name === name && !limit.key),
    keys: byId.size,
    fullKeys: [...byId.values()].filter(({ admits }) => admits === false).length,
  };
}

function inCode(
  name: LimitName,
  configuration: Record<string, unknown>,
): Pick<LimitRow, "code" | "expression"> {
  if (name === "throttle" || name === "rate_limit") {
    const rate = configuration[name === "throttle" ? "throttle" : "rateLimit"] as CodeRate | undefined;
    if (rate?.limit === undefined) return {};
    return {
      code: { value: rate.limit, ...compact({ period: rate.period, burst: rate.burst }) },
      ...of(rate),
    };
  }
  if (name === "run_concurrency") return {};
  const all = (configuration["concurrency"] ?? []) as CodeConcurrency[];
  const limit = all[name === "concurrency" ? 0 : 1];
  if (limit?.limit?.value === undefined) return {};
  return { code: { value: limit.limit.value, ...compact({ scope: scopeWord(limit.scope) }) }, ...of(limit) };
}

function of({ key }: { key?: string }): { expression?: string } {
  return key === undefined ? {} : { expression: key };
}

function scopeWord(scope: string | undefined): string | undefined {
  return scope === undefined || scope === "FUNCTION" ? undefined : `shared by the ${scope.toLowerCase()}`;
}

/** `30 per 1m`, `5`. */
export function rateText(value: number, period: string | undefined): string {
  return period === undefined
    ? value.toLocaleString("en-US")
    : `${value.toLocaleString("en-US")} per ${period}`;
}

/** `+4 to the code`, `the code has no such limit`. */
export function driftText({ drift, codeValue }: Override): string {
  if (codeValue == null) return "the code has no such limit any more";
  const by = drift ?? 0;
  return by === 0 ? "as the code" : `${by > 0 ? "+" : "−"}${Math.abs(by)} to the ${codeValue} of the code`;
}
