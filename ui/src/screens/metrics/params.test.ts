import { describe, expect, test } from "vitest";
import { metricsParams, moved, paramsBefore, readView, writeView } from "./params";

const NOW = Date.parse("2026-11-29T12:00:00.000Z");
const at = (time: string) => `2026-11-29T${time}:00.000Z`;

test("without a word it is the last day, of everything", () => {
  expect(readView({})).toEqual({});
  expect(metricsParams({})).toEqual({ from: "24h" });
  expect(writeView({ since: "24h" })).toEqual({});
});

test.each([
  [{ since: "1h" }, { since: "1h" }],
  [{ since: "soon" }, {}],
  [{ since: "1h", from: at("10:00") }, { from: at("10:00") }],
  [
    { from: at("10:00"), until: at("11:00") },
    { from: at("10:00"), until: at("11:00") },
  ],
  [{ from: at("11:00"), until: at("10:00"), since: "1h" }, { since: "1h" }],
  [{ from: "x", function: "shop-pay" }, { function: "shop-pay" }],
])("%j is read as %j", (search, view) => expect(readView(search)).toEqual(view));

test("a function is asked for instead of its app", () => {
  expect(metricsParams({ app: "shop", since: "1h" })).toEqual({ appId: "shop", from: "1h" });
  expect(metricsParams({ app: "shop", function: "shop-pay" })).toEqual({
    functionId: "shop-pay",
    from: "24h",
  });
});

describe("the time before", () => {
  test("of a time back from now", () => {
    expect(paramsBefore({ since: "1h" }, NOW)).toEqual({ from: "7200s", until: "1h" });
    expect(paramsBefore({}, NOW)).toEqual({ from: "172800s", until: "24h" });
  });
  test("of a time between two", () => {
    expect(paramsBefore({ from: at("10:00"), until: at("10:30") }, NOW)).toEqual({
      from: at("09:30"),
      until: at("10:00"),
    });
    expect(paramsBefore({ from: at("11:00") }, NOW)).toEqual({ from: at("10:00"), until: at("11:00") });
  });
});

describe("moving", () => {
  test("goes by the length of the time, and not past now", () => {
    const view = { function: "f", from: at("10:00"), until: at("11:00") };
    expect(moved(view, "back", NOW)).toEqual({ function: "f", from: at("09:00"), until: at("10:00") });
    expect(moved(view, "forward", NOW)).toEqual({ function: "f", from: at("11:00"), until: at("12:00") });
    expect(moved({ from: at("11:30"), until: at("12:00") }, "forward", NOW)).toEqual({
      from: at("11:30"),
      until: at("12:00"),
    });
  });
  test("a time back from now goes back to one between two", () => {
    expect(moved({ since: "1h" }, "back", NOW)).toEqual({ from: at("10:00"), until: at("11:00") });
  });
  test("out is twice as long, and stays relative if it is", () => {
    expect(moved({ since: "1h" }, "out", NOW)).toEqual({ since: "7200s" });
    expect(moved({ from: at("08:00"), until: at("10:00") }, "out", NOW)).toEqual({
      from: at("07:00"),
      until: at("11:00"),
    });
    expect(moved({ from: at("10:00"), until: at("12:00") }, "out", NOW)).toEqual({
      from: at("08:00"),
      until: at("12:00"),
    });
  });
});
