import { expect, test } from "vitest";
import { filterWords } from "./words";

test.each([
  [{}, "runs"],
  [{ status: ["FAILED", "CANCELLED"] as const }, "failed or cancelled runs"],
  [
    { functionId: ["shop-import"], since: "1h", timeField: "endedAt" as const, search: "output == 1" },
    "runs of shop-import, ended last 1h, where output == 1",
  ],
  [{ appId: ["shop"], attributes: { tenant: "acme" } }, "runs of the app shop, with tenant acme"],
  [{ isDeferred: "false" as const, key: "k" }, "runs, not deferred by other runs, with the key k"],
])("%j: %s", (filter, words) =>
  expect(
    filterWords({ ...filter, ...("status" in filter ? { status: [...filter.status] } : {}) } as never),
  ).toBe(words),
);
