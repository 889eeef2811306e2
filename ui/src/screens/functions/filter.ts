/** Which functions a text means: each of its words is somewhere in what one reads of a function. */
import type { Function } from "../../api/types";
import { cronWords } from "../../time/cron";

export function matches(fn: Function, text: string): boolean {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return true;
  const triggers = (fn.triggers ?? []).map(({ type, value }) =>
    type === "CRON" ? `${value} cron ${cronWords(value)}` : value,
  );
  const said = [
    fn.name,
    fn.id,
    fn.slug,
    fn.app.id,
    fn.isPaused && "paused",
    fn.isArchived && "archived",
    ...triggers,
  ]
    .filter((it): it is string => typeof it === "string")
    .join(" ")
    .toLowerCase();
  return words.every((word) => said.includes(word));
}

/** By app, then by name; those that are gone from their app at the end. */
export function sorted(functions: readonly Function[]): Function[] {
  return [...functions].sort(
    (a, b) =>
      Number(a.isArchived ?? false) - Number(b.isArchived ?? false) ||
      a.app.id.localeCompare(b.app.id) ||
      (a.name || a.id).localeCompare(b.name || b.id),
  );
}
