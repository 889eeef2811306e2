import { describe, expect, test } from "vitest";
import type { Function } from "../../api/types";
import { limitsOf } from "./configuration";
import { executionOf, startsOf } from "./settings";

const fn = (configuration: Function["configuration"], more: Partial<Function> = {}): Function => ({
  id: "f",
  name: "F",
  slug: "shop-f",
  app: { id: "shop" },
  configuration,
  ...more,
});

describe("executionOf", () => {
  test("retries that are left out of the answer are none", () => {
    expect(executionOf(fn({ retries: {} }))).toEqual([
      { name: "Retries", value: "0", what: "A step that fails is not tried again." },
    ]);
  });

  test("the default is told apart, and attempts are one more than retries", () => {
    const [retries] = executionOf(fn({ retries: { value: 4, isDefault: true } }));
    expect(retries?.value).toBe("4, by default");
    expect(retries?.what).toContain("5 times");
  });

  test("what is set", () => {
    const names = executionOf(fn({ timeouts: { finish: "1h" }, idempotency: "event.data.id" })).map(
      ({ name, value, code }) => [name, value, code],
    );
    expect(names.slice(1)).toEqual([
      ["Finish timeout", "1h", undefined],
      ["Idempotency", "Within 24 hours", "event.data.id"],
    ]);
  });

  test("each event that cancels", () => {
    const cancellations = [{ event: "shop/stop", timeout: "1h", if: "event.data.a == async.data.a" }];
    expect(executionOf(fn({ cancellations }))[1]).toMatchObject({
      value: "shop/stop within 1h",
      code: "event.data.a == async.data.a",
    });
  });
});

test("what holds starts back", () => {
  const settings = startsOf(
    fn({
      debounce: { period: "10s", timeout: "1m", key: "event.data.id" },
      eventsBatch: { maxSize: 20, timeout: "5s" },
      singleton: { mode: "CANCEL" },
    }),
  );
  expect(settings.map(({ name, value, code }) => [name, value, code])).toEqual([
    ["Debounce", "10s, at most 1m", "per event.data.id"],
    ["Batch", "20 events, or 5s", undefined],
    ["Singleton", "The newest run", undefined],
  ]);
});

test("limits in a word each", () => {
  const words = limitsOf({
    concurrency: [{ limit: { value: 2 }, key: "event.data.tenant" }],
    throttle: { limit: 5, period: "1m" },
    rateLimit: { limit: 9, period: "1h" },
    singleton: { mode: "SKIP" },
  });
  expect(words.map(({ short }) => short)).toEqual(["2 at once", "5 per 1m", "≤ 9 per 1h", "singleton"]);
  expect(words[0]?.whole).toBe("Concurrency: 2 steps at once per event.data.tenant");
});
