import { expect, test } from "vitest";
import { cronWords, scheduleOf } from "./cron";

test.each([
  ["*/2 * * * *", "Every 2 minutes"],
  ["0 9 * * 1", "At 09:00, only on Monday"],
  ["TZ=Europe/Paris 0 9 * * 1", "At 09:00, only on Monday, Europe/Paris"],
  ["CRON_TZ=UTC  30 4 1 * *", "At 04:30, on day 1 of the month, UTC"],
  ["whenever it suits", "whenever it suits"],
])("%s", (cron, words) => expect(cronWords(cron)).toBe(words));

test("the zone apart", () => {
  expect(scheduleOf("TZ=Asia/Tokyo 0 0 * * *")).toEqual({ words: "At 00:00", zone: "Asia/Tokyo" });
  expect(scheduleOf("0 0 * * *").zone).toBeUndefined();
});
