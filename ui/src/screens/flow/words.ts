/** Limits and keys in words. */
import type { Lane, Limit, LimitName } from "../../api/types";

export const LIMITS: Record<LimitName, string> = {
  concurrency: "Concurrency",
  second_concurrency: "Second concurrency",
  run_concurrency: "Runs at once",
  throttle: "Throttle",
  rate_limit: "Rate limit",
};

/** `Concurrency`, `App`. */
export function limitWord(name: string): string {
  if (name in LIMITS) return LIMITS[name as LimitName];
  return name === "app" ? "App" : name === "pause" ? "Pause" : name;
}

/** A value of a key: a text as it is, the rest as JSON. */
export function keyText(value: unknown): string {
  return typeof value === "string" ? value : (JSON.stringify(value) ?? "null");
}

/** `acme`, `acme · eu`; nothing of a lane without keys. */
export function laneText(lane: Lane): string {
  return Object.values(lane.keys ?? {})
    .map(keyText)
    .join(" · ");
}

/** `event.data.tenant = acme`, one a line. */
export function laneTitle(lane: Lane): string {
  return Object.entries(lane.keys ?? {})
    .map(([expression, value]) => `${expression} = ${keyText(value)}`)
    .join("\n");
}

/** Why a limit lets nothing go: `concurrency 3/3`, `throttle`, `app 100/100`, `app backs off`, `paused`. */
export function blockText(limit: Limit): string {
  if (limit.name === "pause") return "paused";
  const word = limitWord(limit.name).toLowerCase();
  const used = limit.inUse ?? 0;
  const isFull = limit.most != null && used >= limit.most;
  if (limit.name === "app" && !isFull) return "app backs off";
  return limit.most == null ? word : `${word} ${used}/${limit.most}`;
}

/** `3 runs`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString("en-US")} ${count === 1 ? one : many}`;
}
