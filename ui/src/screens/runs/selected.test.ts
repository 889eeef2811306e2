import { expect, test } from "vitest";
import type { Run } from "../../api/types";
import { SELECTED_MAX, selectedFilter } from "./selected";

const run = (id: string, queuedAt: string) => ({ id, queuedAt }) as Run;

test("runs by their ids, within the time in which they were queued", () => {
  expect(
    selectedFilter([run("B", "2026-01-01T00:00:05.000Z"), run("A", "2026-01-01T00:00:00.250Z")]),
  ).toEqual({
    from: "2026-01-01T00:00:00.250Z",
    until: "2026-01-01T00:00:05.001Z",
    search: 'run.id in ["B","A"]',
  });
});

test("as many as can be selected fit into an expression", () => {
  const runs = Array.from({ length: SELECTED_MAX }, () => run("01M8JZK2003XBEAG7ETCSN8HK0", "2026-01-01"));
  expect((selectedFilter(runs)["search"] as string).length).toBeLessThan(64 * 1024);
});
