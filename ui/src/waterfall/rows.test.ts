import { describe, expect, test } from "vitest";
import { attempt, step, trace } from "./fixtures";
import { FIRST_EXPANSION, nameOf, nextFailure, pathTo, reveal, rowsOf, toggle } from "./rows";

const { rootSpan: root } = trace(0, 100, [
  step("a", 0, 10, { children: [step("a1", 0, 5), step("a2", 5, 10, { children: [step("deep", 5, 6)] })] }),
  step("b", 10, 20, { status: "FAILED" }),
]);

const names = (rows: ReturnType<typeof rowsOf>) => rows.map((row) => row.span.name).join(" ");

describe("rows", () => {
  test("at first are the run and its steps", () => {
    const rows = rowsOf(root, FIRST_EXPANSION);
    expect(names(rows)).toBe("Run a b");
    expect(rows.map((row) => [row.depth, row.parent, row.position, row.siblings])).toEqual([
      [0, -1, 1, 1],
      [1, 0, 1, 2],
      [1, 0, 2, 2],
    ]);
    expect(rows.map((row) => row.isExpanded)).toEqual([true, false, false]);
  });

  test("can be opened and closed one by one", () => {
    const opened = toggle(FIRST_EXPANSION, "span-a");
    expect(names(rowsOf(root, opened))).toBe("Run a a1 a2 b");
    expect(names(rowsOf(root, toggle(opened, "root")))).toBe("Run");
    expect(names(rowsOf(root, toggle(opened, "span-a")))).toBe("Run a b");
  });

  test("can be opened down to a depth", () => {
    expect(names(rowsOf(root, { depth: 2, toggled: new Set() }))).toBe("Run a a1 a2 b");
    expect(names(rowsOf(root, { depth: Infinity, toggled: new Set() }))).toBe("Run a a1 a2 deep b");
  });

  test("are opened around what is revealed, and nothing else is", () => {
    expect(names(rowsOf(root, reveal(root, FIRST_EXPANSION, "span-deep")))).toBe("Run a a1 a2 deep b");
    expect(reveal(root, FIRST_EXPANSION, "span-b")).toBe(FIRST_EXPANSION);
    expect(reveal(root, FIRST_EXPANSION, "unknown")).toBe(FIRST_EXPANSION);
  });
});

test("the path to a span begins with the run", () => {
  expect(pathTo(root, "span-a2")?.map((span) => span.name)).toEqual(["Run", "a", "a2"]);
  expect(pathTo(root, "unknown")).toBeUndefined();
});

test("failures are found in both directions, going round", () => {
  const rows = rowsOf(root, FIRST_EXPANSION);
  expect(nextFailure(rows, 0, 1)).toBe(2);
  expect(nextFailure(rows, 2, 1)).toBe(2);
  expect(nextFailure(rows, 0, -1)).toBe(2);
  expect(nextFailure(rows.slice(0, 2), 0, 1)).toBe(-1);
});

test("attempts are counted from one", () => {
  expect(nameOf(attempt(0, 0, 1))).toBe("Attempt 1");
  expect(nameOf(step("Attempt 0", 0, 1))).toBe("Attempt 0");
});
