import { expect, test } from "vitest";
import { keptText, kindsOf, quantileMs, shareText } from "./storage";

test.each([
  ["4w2d", "30 days"],
  ["1d", "1 day"],
  ["36h", "36 hours"],
  ["1h", "1 hour"],
  ["90m", "90m"],
  [null, "For ever"],
  ["soon", "soon"],
])("kept for %s: %s", (text, words) => expect(keptText(text)).toBe(words));

test.each([
  [0, 10, "0 %"],
  [1, 100_000, "<0.1 %"],
  [1, 30, "3.3 %"],
  [1, 3, "33 %"],
  [1, 0, "0 %"],
])("%d of %d are %s", (part, all, text) => expect(shareText(part, all)).toBe(text));

test("kinds are in one order, and none is left out", () => {
  const use = { rows: 1, bytes: 2 };
  const kinds = kindsOf({ live: use, insights: use, runs: use });
  expect(kinds.map(({ word }) => word)).toEqual(["Runs", "Live state", "insights"]);
  expect(kinds[0]).toMatchObject(use);
});

const bucket = (le: string, value: number) => ({ labels: { le }, value });

test("quantiles are the ends of buckets", () => {
  const buckets = [bucket("+Inf", 100), bucket("0.001", 50), bucket("0.01", 98)];
  expect(quantileMs(buckets, 0.5)).toBe(1);
  expect(quantileMs(buckets, 0.51)).toBe(10);
  expect(quantileMs(buckets, 0.99)).toBe(Infinity);
  expect(quantileMs([bucket("+Inf", 0)], 0.5)).toBeUndefined();
  expect(quantileMs([], 0.5)).toBeUndefined();
});
