/** What takes long for a large value: it is done in a worker for these, and at once for others. */
import { search } from "./search";

export type Task = { kind: "text"; value: unknown } | { kind: "search"; value: unknown; text: string };

export function perform(task: { kind: "text"; value: unknown }): string;
export function perform(task: { kind: "search"; value: unknown; text: string }): string[];
export function perform(task: Task): string | string[];
export function perform(task: Task): string | string[] {
  if (task.kind === "search") return search(task.value, task.text);
  return task.value === undefined ? "" : JSON.stringify(task.value, null, 2);
}
