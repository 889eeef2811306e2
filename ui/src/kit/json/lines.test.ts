import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { keysTo, linesOf, openedTo, pathText, valueAt } from "./lines";
import { MATCHES_MAX, search } from "./search";
import { sizeOf } from "./size";

const none: ReadonlySet<string> = new Set();
const value = { user: { id: 7, "odd key": [true, null] }, note: "x".repeat(300), empty: {} };

describe("lines", () => {
  test("are the members in their order", () => {
    expect(linesOf(value, none).map((line) => line.id)).toEqual([
      "",
      "/user",
      "/user/id",
      "/user/odd key",
      "/user/odd key/0",
      "/user/odd key/1",
      "/note",
      "/empty",
    ]);
  });

  test("of long texts are there once they are opened", () => {
    const parts = linesOf(value, new Set(["/note"])).filter((line) => line.kind === "text");
    expect(parts.map((part) => part.count)).toEqual([120, 120, 60]);
  });

  test("of what is large are closed at first", () => {
    const lines = linesOf({ many: Array.from({ length: 101 }, (_, i) => i) }, none);
    expect(lines.map((line) => [line.id, line.isOpen])).toEqual([
      ["", true],
      ["/many", false],
    ]);
  });

  test("of nothing can't be opened", () => {
    expect(linesOf({}, none)[0]).toMatchObject({ isExpandable: false, count: 0 });
  });

  test("say whether there are others beside them", () => {
    const line = linesOf(value, none).find((it) => it.id === "/note");
    expect(line).toMatchObject({ position: 2, siblings: 3, depth: 1, parent: 0 });
  });

  test("lead to their values, whatever the names are", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 5 }), (root) => {
        for (const line of linesOf(root, none)) {
          if (line.kind !== "text") expect(valueAt(root, keysTo(root, line.id))).toBe(line.value);
        }
      }),
    );
  });
});

test("paths are written as in code", () => {
  expect(pathText(["data", "items", 0, "odd key", "ünicode"])).toBe('data.items[0]["odd key"].ünicode');
  expect(pathText([3, "a"])).toBe("[3].a");
  expect(pathText([])).toBe("");
});

describe("search", () => {
  test("finds names and values without regard to case", () => {
    expect(search({ Name: "x", a: { b: "my NAME" }, n: [1, "name"] }, "name")).toEqual([
      "/Name",
      "/a/b",
      "/n/1",
    ]);
  });

  test("of numbers, booleans and null finds them", () => {
    expect(search({ a: 42, b: true, c: null }, "4")).toEqual(["/a"]);
    expect(search({ a: 42, b: true, c: null }, "null")).toEqual(["/c"]);
  });

  test("ends at its limit", () => {
    expect(
      search(
        Array.from({ length: 2000 }, () => "hit"),
        "hit",
      ),
    ).toHaveLength(MATCHES_MAX);
  });

  test("shows what it found, though it was closed", () => {
    const root = { a: { b: { c: { d: { e: "needle" } } } } };
    const [id = ""] = search(root, "needle");
    expect(linesOf(root, none).some((line) => line.id === id)).toBe(false);
    expect(linesOf(root, openedTo(root, none, id)).some((line) => line.id === id)).toBe(true);
  });
});

test("the size is that of the JSON text, about", () => {
  const size = JSON.stringify(value).length;
  expect(Math.abs(sizeOf(value) - size)).toBeLessThan(size * 0.05);
  expect(
    sizeOf(
      Array.from({ length: 1e5 }, () => "text"),
      1000,
    ),
  ).toBeLessThan(200_000);
});
