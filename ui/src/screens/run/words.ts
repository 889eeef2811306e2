/** Sentences of the API for people: its times are of UTC and exact, theirs are of their zone. */
import { age } from "../../time/format";
import { zonedTime, type Zone } from "../../time/zone";

const TIME = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g;

/** `until 2026-12-01T21:03:43.971Z` becomes `until 21:03:43 GMT+1 (in 2d)`. */
export function withTimes(text: string, zone: Zone, now: number): string {
  return text.replace(TIME, (time) => {
    const at = Date.parse(time);
    return `${zonedTime(at, zone, { now })} (${age(at, now)})`;
  });
}

/** As a sentence: the API has parts of one. */
export function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
