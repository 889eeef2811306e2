import { expect, test } from "vitest";
import type { RunFilter } from "./params";
import { filterWords } from "./words";

test.each<[RunFilter, string]>([
  [{}, "runs"],
  [{ status: ["FAILED", "CANCELLED"] }, "failed or cancelled runs"],
  [
    { functionId: ["shop-import"], since: "1h", timeField: "endedAt", search: "output == 1" },
    "runs of shop-import, ended last 1h, where output == 1",
  ],
  [{ operation: "01OP" }, "runs, made by the operation 01OP"],
  [{ appId: ["shop"], attributes: { tenant: "acme" } }, "runs of the app shop, with tenant acme"],
  [{ isDeferred: "false", key: "k" }, "runs, not deferred by other runs, with the key k"],
])("%j: %s", (filter, words) => expect(filterWords(filter)).toBe(words));
