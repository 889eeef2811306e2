import { expect, test } from "vitest";
import { filterParams, readFilter, withText } from "./params";

const RUN = "01M8HRX8M1274FCCR7Q1G0WS5B";

test("the filter is read from the URL, and asked for", () => {
  const filter = readFilter({
    action: "run.cancel",
    function: "shop-pay",
    since: "7d",
    other: "x",
    actor: "",
  });
  expect(filter).toEqual({ action: "run.cancel", function: "shop-pay", since: "7d" });
  expect(filterParams(filter)).toEqual({ action: "run.cancel", functionId: "shop-pay", from: "7d" });
  expect(
    filterParams(readFilter({ since: "1h", from: "2026-11-29T00:00:00Z", until: "2026-11-30T00:00:00Z" })),
  ).toEqual({
    from: "2026-11-29T00:00:00Z",
    until: "2026-11-30T00:00:00Z",
  });
});

test.each([
  ["ann", { action: "a", actor: "ann" }],
  [RUN.toLowerCase(), { action: "a", run: RUN }],
  ["", { action: "a" }],
])("%j is who, or a run", (text, expected) =>
  expect(withText({ action: "a", actor: "bob", run: "x" }, text)).toEqual(expected),
);
