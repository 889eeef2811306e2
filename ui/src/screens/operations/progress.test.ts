import { describe, expect, test } from "vitest";
import type { Operation } from "../../api/types";
import {
  addSample,
  averageRate,
  countedFilter,
  rateOf,
  shortWords,
  timeLeft,
  totalOf,
  type Sample,
} from "./progress";

const operation = (changes: Partial<Operation>): Operation => ({
  id: "o",
  kind: "replay",
  state: "RUNNING",
  filter: { status: ["FAILED"] },
  words: "failed runs",
  counts: { matched: 30, done: 20, skipped: 6, failed: 4 },
  createdAt: "2026-01-01T00:00:00.000Z",
  ...changes,
});
const left = (count: number, isExact = true) => ({ words: "", count, isExact });

test("the rate is that of the last 30 s", () => {
  const samples = [0, 10_000, 20_000, 60_000, 70_000].reduce<readonly Sample[]>(
    (before, at) => addSample(before, { at, matched: at / 100 }),
    [],
  );
  expect(samples.map(({ at }) => at)).toEqual([60_000, 70_000]);
  expect(rateOf(samples)).toBe(10);
});

test("of one moment there is no rate", () => {
  expect(rateOf([])).toBeUndefined();
  expect(rateOf([{ at: 0, matched: 5 }])).toBeUndefined();
  expect(rateOf(addSample([{ at: 0, matched: 5 }], { at: 0, matched: 9 }))).toBeUndefined();
});

test("the average is told once it is over", () => {
  expect(averageRate(operation({}))).toBeUndefined();
  expect(averageRate(operation({ endedAt: "2026-01-01T00:00:10.000Z" }))).toBe(3);
});

describe("totalOf", () => {
  test("what was started again is still meant by its filter, what was cancelled is not", () => {
    expect(totalOf(operation({ kind: "replay" }), left(100))).toEqual({ runs: 100, isExact: true });
    expect(totalOf(operation({ kind: "cancel" }), left(100))).toEqual({ runs: 124, isExact: true });
  });
  test("it is not less than what was looked at", () => expect(totalOf(operation({}), left(3)).runs).toBe(30));
});

test("runs that came after it are not counted", () => {
  expect(countedFilter(operation({}))).toEqual({ status: ["FAILED"], until: "2026-01-01T00:00:00.000Z" });
  const earlier = { until: "2025-12-31T00:00:00.000Z" };
  expect(countedFilter(operation({ filter: earlier }))).toEqual(earlier);
});

test("the time that is left", () => {
  const total = { runs: 130, isExact: true };
  expect(timeLeft(operation({}), total, 10)).toBe(10_000);
  expect(timeLeft(operation({}), total, 0)).toBeUndefined();
  expect(timeLeft(operation({}), undefined, 10)).toBeUndefined();
  expect(timeLeft(operation({ state: "STOPPED" }), total, 10)).toBeUndefined();
});

test.each([
  ["failed runs", "failed runs"],
  ["runs, queued from 2026-11-28T06:59:58.201Z", "runs, queued from 2026-11-28 06:59 UTC"],
  ['all runs, where run.id in ["A"]', "all runs, where run.id is a certain one"],
  ['all runs, where run.id in ["A", "B","C"] && true', "all runs, where run.id is one of 3 && true"],
])("%s", (words, short) => expect(shortWords(operation({ words }))).toBe(short));

test.each([
  ['run.id in ["A","B"]', "2 picked runs"],
  ['run.id in ["A"]', "a picked run"],
  ['run.id in ["A"] || true', "runs"],
])("with the search %s: %s", (search, short) =>
  expect(shortWords({ words: "runs", filter: { search } })).toBe(short),
);
