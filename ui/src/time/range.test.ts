import { describe, expect, test } from "vitest";
import { rangeWords } from "./range";

const NOW = Date.parse("2026-01-02T12:00:00Z");

describe("rangeWords", () => {
  test.each([
    [{}, "last 24h"],
    [{ since: "1h" }, "last 1h"],
    [{ until: "2026-01-02T08:00:00Z" }, "before 08:00:00 UTC"],
    [{ since: "1h", until: "2026-01-02T08:00:00Z" }, "last 1h, before 08:00:00 UTC"],
    [{ from: "2026-01-01T08:00:00Z" }, "2026-01-01 08:00:00 UTC – now"],
    [{ from: "2026-01-02T08:00:00Z", until: "2026-01-02T09:30:00Z" }, "08:00:00 UTC – 09:30:00 UTC"],
  ])("%j", (range, words) => {
    expect(rangeWords(range, "utc", NOW)).toBe(words);
  });
});
