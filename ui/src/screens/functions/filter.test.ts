import { describe, expect, test } from "vitest";
import type { Function } from "../../api/types";
import { matches, sorted } from "./filter";

const fn = (id: string, more: Partial<Function> = {}): Function => ({
  id,
  name: id.toUpperCase(),
  slug: `shop-${id}`,
  app: { id: "shop" },
  configuration: {},
  ...more,
});

describe("matches", () => {
  const order = fn("order", { triggers: [{ type: "EVENT", value: "shop/order.placed" }] });
  const report = fn("report", { isPaused: true, triggers: [{ type: "CRON", value: "*/2 * * * *" }] });

  test.each([
    ["", true, true],
    ["  ", true, true],
    ["PLACED", true, false],
    ["shop", true, true],
    ["paused", false, true],
    ["cron", false, true],
    ["every 2 minutes", false, true],
    ["shop report", false, true],
    ["order report", false, false],
  ])("%j", (text, isOrder, isReport) => {
    expect(matches(order, text)).toBe(isOrder);
    expect(matches(report, text)).toBe(isReport);
  });
});

test("the archived come last, the others by app and name", () => {
  const all = [fn("z"), fn("a", { isArchived: true }), fn("b", { app: { id: "bank" } }), fn("c")];
  expect(sorted(all).map(({ id }) => id)).toEqual(["b", "c", "z", "a"]);
});
