import { expect, test } from "vitest";
import { tickWords } from "./ticks";

const at = (text: string) => Date.parse(`${text}Z`) / 1000;

test("times of a day, and the date where it changes", () => {
  const times = [at("2026-01-31T18:00"), at("2026-02-01T00:00"), at("2026-02-01T06:00")];
  expect(tickWords(times, 6 * 3600, { utc: true })).toEqual(["18:00", "Feb 1", "06:00"]);
});

test("dates when days are apart", () => {
  expect(tickWords([at("2026-01-31T00:00"), at("2026-02-02T00:00")], 2 * 86_400, { utc: true })).toEqual([
    "Jan 31",
    "Feb 2",
  ]);
});

test("seconds when less than a minute is between", () => {
  expect(tickWords([at("2026-01-31T18:00:30")], 30, { utc: true })).toEqual(["18:00:30"]);
});
