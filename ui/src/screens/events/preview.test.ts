import { expect, test } from "vitest";
import { previewOf } from "./preview";

test.each([
  [undefined, "{}"],
  [{}, "{}"],
  [{ a: 1, b: "x", c: null, d: [true, {}] }, '{ a: 1, b: "x", c: null, d: [true, {}] }'],
  [{ a: { b: { c: { d: 1 }, e: [1] } } }, "{ a: { b: { c: {…}, e: […] } } }"],
])("%j", (value, text) => expect(previewOf(value)).toBe(text));

test("of a large value only the beginning is written", () => {
  const value = Array.from({ length: 100_000 }, (_, i) => i);
  expect(previewOf(value)).toMatch(/^\[0, 1, .*19, …\]$/);
  expect(previewOf({ text: "x".repeat(1000) })).toHaveLength(241);
});
