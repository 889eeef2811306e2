import { expect, test } from "vitest";
import { cleaned, readData } from "./data";

test("an object is data, and nothing is an empty one", () => {
  expect(readData('{"a": 1}')).toEqual({ data: { a: 1 } });
  expect(readData("  ")).toEqual({ data: {} });
});

test.each(["[1]", "null", "3", '"text"'])("%s is no data", (text) => {
  expect(readData(text)).toEqual({ problem: "The data has to be an object." });
});

test("what is no JSON is told", () => {
  expect(readData("{a: 1}").problem).toMatch(/^This is no JSON/);
});

test("what the server added to the data of an event is not sent again", () => {
  expect(cleaned({ order: 1, _inngest: { fn_id: "f" } })).toEqual({ order: 1 });
  expect(cleaned(undefined)).toEqual({});
});
