import fc from "fast-check";
import { expect, test } from "vitest";
import { parseSearch, stringifySearch } from "../../url/search";
import { readRunSearch, writeRunSearch } from "./params";

test("what is looked at is the same after it was in the URL", () => {
  const time = fc.nat(1e9);
  const search = fc.record({
    step: fc.option(fc.stringMatching(/^[0-9a-f]{1,16}$/), { nil: undefined }),
    tab: fc.constantFrom(undefined, "output"),
    view: fc.record({
      window: fc.option(
        fc
          .tuple(time, fc.integer({ min: 1, max: 1e6 }))
          .map(([from, length]) => ({ from, to: from + length })),
        { nil: undefined },
      ),
      openGaps: fc.oneof(fc.constant("all" as const), fc.uniqueArray(time)),
    }),
    isCritical: fc.boolean(),
  });
  fc.assert(
    fc.property(search, (it) => {
      expect(readRunSearch(parseSearch(stringifySearch(writeRunSearch(it))))).toEqual(it);
    }),
  );
});

test("what makes no sense is left out", () => {
  const search = readRunSearch(parseSearch("?t0=9&t1=3&idle=x+12&step="));
  expect(search).toEqual({
    step: undefined,
    tab: undefined,
    view: { window: undefined, openGaps: [12] },
    isCritical: false,
  });
});
