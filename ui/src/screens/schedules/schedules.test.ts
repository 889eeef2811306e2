import { expect, test } from "vitest";
import type { Schedule } from "../../api/types";
import { idOf, inOrder, isOfSchedule, timeIn, timesOf } from "./schedules";

const schedule = (name: string, cron: string, nextAt?: string[]): Schedule => ({
  function: { id: name, name, slug: `shop-${name}`, app: { id: "shop" } },
  cron,
  timeZone: "UTC",
  ...(nextAt ? { nextAt } : {}),
});

const at = (hour: string) => `2026-11-30T${hour}:00:00.000Z`;

test("by function, or by what comes first; what never comes is last", () => {
  const b = schedule("b", "0 8 * * *", [at("08")]);
  const a1 = schedule("a", "0 9 * * *", [at("09")]);
  const a0 = schedule("a", "0 0 30 2 *");
  const all = [b, a1, a0];
  expect(inOrder(all, "function").map(idOf)).toEqual([a0, a1, b].map(idOf));
  expect(inOrder(all, "next").map(idOf)).toEqual([b, a1, a0].map(idOf));
  expect(all[0]).toBe(b);
});

test("times that have passed are not to come", () => {
  expect(timesOf(schedule("a", "", [at("08"), at("09")]), Date.parse(at("09")))).toEqual([
    Date.parse(at("09")),
  ]);
  expect(timesOf(schedule("a", ""), 0)).toEqual([]);
});

test("a time where the schedule is", () => {
  const time = Date.parse("2026-11-30T08:00:00Z");
  expect(timeIn("Europe/Berlin", time)).toBe("Mon 2026-11-30 09:00:00");
  expect(timeIn("UTC", time)).toBe("Mon 2026-11-30 08:00:00");
  expect(timeIn("Moon/Tranquility", time)).toBe("2026-11-30T08:00:00.000Z");
});

test("runs of schedules are told from others", () => {
  expect(isOfSchedule({ id: "r", trigger: { cronSchedule: "* * * * *" } })).toBe(true);
  expect(isOfSchedule({ id: "r", trigger: { eventName: "shop/paid" } })).toBe(false);
  expect(isOfSchedule({ id: "r" })).toBe(false);
});
