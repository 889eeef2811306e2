/** How far an operation is: what the API does not say is worked out here. */
import type { Operation, OperationPreview } from "../../api/types";

export interface Sample {
  /** Unix milliseconds. */
  at: number;
  matched: number;
}

/** The rate is that of so long. */
const WINDOW_MS = 30_000;

export function isOver({ state }: Operation): boolean {
  return state !== "RUNNING" && state !== "ABORTING";
}

/** The samples that count, with a new one. */
export function addSample(samples: readonly Sample[], sample: Sample): readonly Sample[] {
  const recent = samples.filter(({ at }) => at >= sample.at - WINDOW_MS && at < sample.at);
  return [...recent, sample];
}

/** Runs per second; nothing as long as it can't be told. */
export function rateOf(samples: readonly Sample[]): number | undefined {
  const [first, last] = [samples[0], samples.at(-1)];
  if (!first || !last || last.at - first.at < 1000) return undefined;
  return ((last.matched - first.matched) * 1000) / (last.at - first.at);
}

/** On the average, from its start to its end. */
export function averageRate({ createdAt, endedAt, counts }: Operation): number | undefined {
  if (endedAt === undefined) return undefined;
  const took = Date.parse(endedAt) - Date.parse(createdAt);
  return took < 1000 ? undefined : (counts.matched * 1000) / took;
}

export interface Total {
  runs: number;
  /** If not, there are so many at least. */
  isExact: boolean;
}

/**
 * How many runs it is about, from what it had done and what its filter meant at one time: runs that were cancelled are
 * not meant any more, those that were started again still are.
 */
export function totalOf({ counts, kind }: Operation, left: OperationPreview): Total {
  const runs = kind === "cancel" ? counts.done + counts.failed + left.count : left.count;
  return { runs: Math.max(runs, counts.matched), isExact: left.isExact };
}

/** What the count is asked with: runs that came after the operation was asked for are not meant. */
export function countedFilter({
  filter,
  createdAt,
}: Pick<Operation, "filter" | "createdAt">): Record<string, unknown> {
  const until = filter["until"];
  const isEarlier = typeof until === "string" && Date.parse(until) < Date.parse(createdAt);
  return isEarlier ? filter : { ...filter, until: createdAt };
}

/** Milliseconds until it is done. */
export function timeLeft(
  operation: Operation,
  total: Total | undefined,
  rate: number | undefined,
): number | undefined {
  if (operation.state !== "RUNNING" || !total || rate === undefined || rate <= 0) return undefined;
  return ((total.runs - operation.counts.matched) / rate) * 1000;
}

const TIMES = /(\d{4}-\d\d-\d\d)T(\d\d:\d\d):\d\d(\.\d+)?Z/g;
const IDS = /run\.id in \[([^\]]*)\]/g;
const ONLY_IDS = /^run\.id in \[([^\]]*)\]$/;

/** Whether its runs were picked one by one. */
export function isOfPicked({ filter }: Pick<Operation, "filter">): boolean {
  return ONLY_IDS.test(String(filter["search"] ?? ""));
}

/** The filter for people: times to the minute, and no ids of runs that were picked one by one. */
export function shortWords({ words, filter }: Pick<Operation, "words" | "filter">): string {
  const [, picked] = ONLY_IDS.exec(String(filter["search"] ?? "")) ?? [];
  if (picked !== undefined)
    return countOf(picked) === 1 ? "a picked run" : `${countWords(picked)} picked runs`;
  return words
    .replace(IDS, (_, ids: string) =>
      countOf(ids) === 1 ? "run.id is a certain one" : `run.id is one of ${countWords(ids)}`,
    )
    .replace(TIMES, "$1 $2 UTC");
}

function countOf(ids: string): number {
  return ids.split(",").filter((id) => id.trim() !== "").length;
}

function countWords(ids: string): string {
  return countOf(ids).toLocaleString("en-US");
}
