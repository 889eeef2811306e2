import { expect, test } from "vitest";
import { csvOf, rowsOf, stacked, sumOf, type Series } from "./series";

const series: Series[] = [
  { title: "Failed", token: "bad-bar", values: [1, 0, null] },
  { title: 'Done, "well"', token: "ok-bar", values: [2, 0, 3] },
];
const spans = [0, 60_000, 120_000].map((start) => ({ start, end: start + 60_000 }));

test("a stack: each on top of those before", () => {
  expect(stacked(series)).toEqual([
    [1, 0, 0],
    [3, 0, 3],
  ]);
});

test("what is not known adds nothing", () => {
  expect(sumOf([1, null, 2])).toBe(3);
});

test("a table has the newest first, and no empty rows", () => {
  expect(rowsOf(spans, series).map(({ start, values }) => [start, ...values])).toEqual([
    [120_000, null, 3],
    [0, 1, 2],
  ]);
});

test("CSV", () => {
  expect(csvOf(spans, series).split("\n")).toEqual([
    'start,end,Failed,"Done, ""well"""',
    "1970-01-01T00:00:00.000Z,1970-01-01T00:01:00.000Z,1,2",
    "1970-01-01T00:01:00.000Z,1970-01-01T00:02:00.000Z,0,0",
    "1970-01-01T00:02:00.000Z,1970-01-01T00:03:00.000Z,,3",
  ]);
});
