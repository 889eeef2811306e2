import { expect, test } from "vitest";
import { filterParams, readFilter, writeFilter } from "./filter";

test("without a word those that are open are shown", () => {
  expect(readFilter({})).toEqual({ status: "open" });
  expect(readFilter({ status: "purple", function: "" })).toEqual({ status: "open" });
});

test.each([
  [{ status: "open" }, {}, { status: "open" }],
  [{ status: "all" }, { status: "all" }, {}],
  [
    { status: "ignored", function: "shop-pay" },
    { status: "ignored", function: "shop-pay" },
    { status: "ignored", functionId: "shop-pay" },
  ],
] as const)("%j is in the URL as %j and asked for as %j", (filter, search, params) => {
  expect(writeFilter(filter)).toEqual(search);
  expect(readFilter(writeFilter(filter))).toEqual(filter);
  expect(filterParams(filter)).toEqual(params);
});
