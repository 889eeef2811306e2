/** Something done to many runs: what is asked for, and what stands against it. */
import type { Operation, OperationPreview, SpanStatus } from "../api/types";
import { duration } from "../time/format";

export type Kind = Operation["kind"];

/** Parameters of the list of runs, as the body of an operation has them. */
export interface BulkFilter {
  status?: SpanStatus[];
  [name: string]: unknown;
}

export interface Wish {
  kind: Kind;
  /** Which runs are replayed, if the filter does not say it. */
  statuses: readonly SpanStatus[];
  /** Texts as they were typed. */
  rate: string;
  stopPercent: string;
  reason: string;
}

/** Runs that are started again do what they do: not all at once, unless that is wanted. */
export function firstWish(kind: Kind): Wish {
  const isAgain = kind !== "cancel";
  return {
    kind,
    statuses: ["FAILED"],
    rate: isAgain ? "10" : "",
    stopPercent: isAgain ? "20" : "",
    reason: "",
  };
}

/** More runs than that are acted on only once their number was typed. */
export const TYPED_ABOVE = 1000;
const RATE_MAX = 10_000;

export type Problems = Partial<Record<"rate" | "stopPercent" | "statuses", string>>;

export interface Body {
  kind: Kind;
  filter: BulkFilter;
  ratePerSecond?: number;
  stopOnErrorPercent?: number;
  reason?: string;
}

const LIVING: readonly SpanStatus[] = ["QUEUED", "RUNNING"];

/** Whether any run that the filter means can be acted on so. */
export function isPossible(kind: Kind, { status }: BulkFilter): boolean {
  if (status === undefined || kind === "replay") return true;
  return kind === "cancel" ? status.some((it) => LIVING.includes(it)) : status.includes("FAILED");
}

/** Whether it has to be said which runs are replayed. */
export function needsStatuses(kind: Kind, { status }: BulkFilter): boolean {
  return kind === "replay" && status === undefined;
}

function statusesOf({ kind, statuses }: Wish, { status }: BulkFilter): SpanStatus[] | undefined {
  if (kind === "resume") return ["FAILED"];
  if (kind === "cancel") return status?.filter((it) => LIVING.includes(it));
  return status ?? [...statuses];
}

/** What is empty is not asked for. */
export function bodyOf(filter: BulkFilter, wish: Wish): { body: Body; problems: Problems } {
  const problems: Problems = {};
  const rate = whole(wish.rate, 1, RATE_MAX);
  if (Number.isNaN(rate)) problems.rate = `A number from 1 to ${RATE_MAX.toLocaleString("en-US")}.`;
  const stop = whole(wish.stopPercent, 0, 100);
  if (Number.isNaN(stop)) problems.stopPercent = "A number from 0 to 100.";
  const reason = wish.reason.trim();
  const status = statusesOf(wish, filter);
  if (status?.length === 0) problems.statuses = "At least one.";
  return {
    body: {
      kind: wish.kind,
      filter: { ...filter, ...(status === undefined ? {} : { status }) },
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

/** How long it takes at a rate; nothing if it is over in a moment. */
export function takesWords(
  { count, isExact }: OperationPreview,
  rate: number | undefined,
): string | undefined {
  if (rate === undefined || count <= rate) return undefined;
  return `${isExact ? "About" : "At least"} ${duration((count / rate) * 1000)} at that rate.`;
}

export function needsTyping({ count, isExact }: OperationPreview): boolean {
  return count > TYPED_ABOVE || !isExact;
}

/** With or without commas. */
export function isTyped(text: string, { count }: OperationPreview): boolean {
  return text.trim().replace(/[,\s]/g, "") === String(count);
}
