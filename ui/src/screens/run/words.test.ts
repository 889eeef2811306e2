import { expect, test } from "vitest";
import { sentence, withTimes } from "./words";

const now = Date.parse("2026-11-28T21:00:00Z");

test("times are told in the zone, with how far they are", () => {
  const text = "sleeps until 2026-11-28T21:05:00.500Z, since 2026-11-27T09:00:00Z";
  expect(withTimes(text, "utc", now)).toBe(
    "sleeps until 21:05:00 UTC (in 5m), since 2026-11-27 09:00:00 UTC (36h ago)",
  );
});

test("a sentence begins with a capital letter", () => expect(sentence("waits")).toBe("Waits"));
