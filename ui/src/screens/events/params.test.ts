import { describe, expect, test } from "vitest";
import { belongs, filterParams, isFiltered, readFilter } from "./params";

test("nothing in the URL is no filter", () => {
  const filter = readFilter({ other: "x", name: "", internal: "no" });
  expect(filter).toEqual({});
  expect(isFiltered(filter)).toBe(false);
  expect(filterParams(filter)).toEqual({});
});

test("all of it, as the API takes it", () => {
  const filter = readFilter({ name: "shop/paid", search: "event.v == 1", internal: "yes", since: "1h" });
  expect(filterParams(filter)).toEqual({
    name: "shop/paid",
    search: "event.v == 1",
    includeInternal: true,
    from: "1h",
  });
});

test("a time of its own goes before how long ago it was", () => {
  const filter = readFilter({ since: "1h", from: "2026-11-29T00:00:00Z", until: "2026-11-29T01:00:00Z" });
  expect(filter).toEqual({ from: "2026-11-29T00:00:00Z", until: "2026-11-29T01:00:00Z" });
});

describe("what is told belongs to the list", () => {
  test.each([
    [{}, "shop/paid", true],
    [{}, "inngest/function.finished", false],
    [{ internal: "yes" }, "inngest/function.finished", true],
    [{ name: "shop/paid" }, "shop/paid", true],
    [{ name: "shop/paid" }, "shop/placed", false],
    [{ name: "inngest/function.finished" }, "inngest/function.finished", true],
    [{ until: "2026-11-29T01:00:00Z" }, "shop/paid", false],
  ] as const)("%j %s", (filter, name, expected) => expect(belongs(filter, { name })).toBe(expected));
});
