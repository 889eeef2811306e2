import assert from "node:assert/strict";
import { has } from "../../harness/flavours.ts";
import type { Scenario } from "./scenario.ts";

/** Several scripts, emoji made of several code points, and characters that JSON or JavaScript escape. */
const TEXT = "Grüße, 漢字 العربية 👩‍👩‍👧‍👦 𝕏 \u2028\u0001\"\\/ e\u0301";

export const values: Scenario[] = [
  {
    name: "undefined, null and other empty values",
    fn: "empty-values",
    output: { nothing: null, none: null, empty: ["", {}, [], 0, false] },
    steps: { nothing: "ok", none: "ok", empty: "ok" },
  },
  {
    name: "unicode, large and in a step id",
    fn: "unicode",
    data: () => ({ text: TEXT, times: 5_000 }),
    output: TEXT.repeat(5_000),
    steps: { big: "ok", [TEXT]: "ok" },
  },
  {
    name: "numbers to the edge of doubles",
    fn: "numbers",
    output: [
      2 ** 53 - 1, 2 ** 53 + 2, -(2 ** 63), 12345678901234567890, 1e21, 0.1 + 0.2, 1.5e-7, 5e-324, 1.7976931348623157e308,
      -0.5, 1, 0,
    ],
    steps: { numbers: "ok", copy: "ok" },
  },
  {
    name: "state beyond the size of a call",
    fn: "large",
    output: Array.from({ length: 5 }, () => 1_200_000),
    steps: { "large-0": "ok", "large-1": "ok", "large-2": "ok", "large-3": "ok", "large-4": "ok", last: "ok" },
    check(evidence, _data, flavour) {
      const usesApi = evidence.calls.some(({ useApi }) => useApi);
      assert.equal(usesApi, has(flavour, "use_api"), "calls that use the API are for SDKs that know them");
      assert.ok(!evidence.calls[0]!.useApi, "the first call used the API although it had nothing to carry");
    },
  },
  {
    name: "a step output beyond the limit",
    fn: "too-large",
    status: "Failed",
    error: /output_too_large/,
    steps: { "too-large": "refused" },
  },
];
