/** Setting a limit beside the code: what was typed, what is wrong with it, and what is asked for. */
import type { LimitName } from "../../api/types";
import type { OverrideWish } from "./act";
import type { LimitRow } from "./limits";

export interface OverrideForm {
  /** Texts as they were typed. */
  value: string;
  key: string;
  period: string;
  burst: string;
  expiresIn: string;
  reason: string;
  /** The name of the function, typed where a limit is made lower. */
  typed: string;
}

/** As it is now, so that what is not changed stays. */
export function formOf({ code, override }: LimitRow): OverrideForm {
  const { periodMs, burst } = override ?? {};
  return {
    value: String(override?.value ?? code?.value ?? ""),
    key: "",
    period: periodMs == null ? "" : `${Math.round(periodMs / 1000)}s`,
    burst: burst == null ? "" : String(burst),
    expiresIn: "",
    reason: "",
    typed: "",
  };
}

/** A limit that is lowered holds calls up: the name is typed first. */
export function isLower({ code, override }: LimitRow, form: OverrideForm): boolean {
  const now = override?.value ?? code?.value;
  const next = whole(form.value);
  return now !== undefined && next !== undefined && next < now;
}

export type OverrideProblems = Partial<Record<"value" | "period" | "burst" | "expiresIn", string>>;

export const isRate = (name: LimitName): boolean => name === "throttle" || name === "rate_limit";

const NUMBER_MAX = 4_294_967_295;
const SPAN = /^(\d{1,6}(ms|s|m|h|d|w))+$/;

/** What is empty is not asked for. */
export function overrideOf(
  name: LimitName,
  form: OverrideForm,
): { wish: OverrideWish; problems: OverrideProblems } {
  const problems: OverrideProblems = {};
  const value = whole(form.value);
  const least = isRate(name) ? 1 : 0;
  if (value === undefined || !(value >= least))
    problems.value =
      least === 1 ? "A number from 1 on; to start nothing, pause." : "A number: 0 starts nothing.";
  const burst = name === "throttle" ? whole(form.burst) : undefined;
  if (Number.isNaN(burst)) problems.burst = "A number.";
  const period = isRate(name) ? form.period.trim() : "";
  if (period !== "" && !SPAN.test(period)) problems.period = "Such as 30s, 5m or 1h.";
  const expiresIn = form.expiresIn.trim();
  if (expiresIn !== "" && !SPAN.test(expiresIn)) problems.expiresIn = "Such as 30m, 2h or 1d.";
  const key = form.key.trim();
  const reason = form.reason.trim();
  const wish = {
    value: value ?? NaN,
    ...(key === "" ? {} : { key }),
    ...(period === "" ? {} : { period }),
    ...(burst === undefined ? {} : { burst }),
    ...(expiresIn === "" ? {} : { expiresIn }),
    ...(reason === "" ? {} : { reason }),
  };
  return { wish, problems };
}

/** Nothing if it is empty, NaN if it is no such number. */
function whole(text: string): number | undefined {
  const typed = text.trim().replace(/,/g, "");
  if (typed === "") return undefined;
  const number = /^\d+$/.test(typed) ? Number(typed) : NaN;
  return number <= NUMBER_MAX ? number : NaN;
}
