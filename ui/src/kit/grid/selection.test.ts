import { expect, test } from "vitest";
import { extend, more, NOTHING, toggle, type Selection } from "./selection";

const rows = ["a", "b", "c", "d"].map((id) => ({ id }));
const of = (...ids: string[]): Selection => ({ ids: new Set(ids), isEverything: false });

test("a row is selected, and not any more", () => {
  expect(toggle(NOTHING, "a")).toEqual(of("a"));
  expect(toggle(of("a", "b"), "a")).toEqual(of("b"));
});

test("without one row it is not everything", () => {
  expect(toggle({ ...of("a", "b"), isEverything: true }, "a")).toEqual(of("b"));
});

test("a range goes either way, and keeps what was selected", () => {
  expect(extend(of("d"), rows, 0, 1)).toEqual(of("d", "a", "b"));
  expect(extend(NOTHING, rows, 2, 1)).toEqual(of("b", "c"));
});

test("first what is loaded, then everything, if that is offered", () => {
  const loaded = more(of("a"), rows, true);
  expect(loaded).toEqual(of("a", "b", "c", "d"));
  expect(more(loaded, rows, true)).toEqual({ ...loaded, isEverything: true });
  expect(more(loaded, rows, false)).toEqual(loaded);
  expect(more(NOTHING, [], true).isEverything).toBe(false);
});
