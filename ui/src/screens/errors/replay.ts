/** Running all runs of a group again: what is asked for, and what stands against it. */
import type { OperationPreview } from "../../api/types";

export interface Wish {
  kind: "replay" | "resume";
  /** Texts as they were typed. */
  rate: string;
  stopPercent: string;
  reason: string;
}

export const FIRST_WISH: Wish = { kind: "resume", rate: "10", stopPercent: "20", reason: "" };

/** More runs than that are acted on only once their number was typed. */
export const TYPED_ABOVE = 1000;
const RATE_MAX = 10_000;

export type Problems = Partial<Record<"rate" | "stopPercent", string>>;

export interface Body {
  kind: Wish["kind"];
  filter: { errorGroup: string; status: ["FAILED"] };
  ratePerSecond?: number;
  stopOnErrorPercent?: number;
  reason?: string;
}

/** What is empty is not asked for. */
export function bodyOf(group: string, wish: Wish): { body: Body; problems: Problems } {
  const problems: Problems = {};
  const rate = whole(wish.rate, 1, RATE_MAX);
  if (Number.isNaN(rate)) problems.rate = `A number from 1 to ${RATE_MAX.toLocaleString("en-US")}.`;
  const stop = whole(wish.stopPercent, 0, 100);
  if (Number.isNaN(stop)) problems.stopPercent = "A number from 0 to 100.";
  const reason = wish.reason.trim();
  return {
    body: {
      kind: wish.kind,
      filter: { errorGroup: group, status: ["FAILED"] },
      ...(rate === undefined ? {} : { ratePerSecond: rate }),
      ...(stop === undefined ? {} : { stopOnErrorPercent: stop }),
      ...(reason === "" ? {} : { reason }),
    },
    problems,
  };
}

/** Nothing if it is empty, NaN if it is no such number. */
function whole(text: string, least: number, most: number): number | undefined {
  const typed = text.trim();
  if (typed === "") return undefined;
  const number = /^\d+$/.test(typed) ? Number(typed) : NaN;
  return number >= least && number <= most ? number : NaN;
}

/** `18 runs`, `at least 10,000 runs`. */
export function countWords({ count, isExact }: OperationPreview): string {
  const number = count.toLocaleString("en-US");
  return `${isExact ? "" : "at least "}${number} ${count === 1 ? "run" : "runs"}`;
}

export function needsTyping({ count, isExact }: OperationPreview): boolean {
  return count > TYPED_ABOVE || !isExact;
}

/** With or without commas. */
export function isTyped(text: string, { count }: OperationPreview): boolean {
  return text.trim().replace(/[,\s]/g, "") === String(count);
}
