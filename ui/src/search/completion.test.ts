import { expect, test } from "vitest";
import { accepted, completionOf, pathsOf, VOCABULARY, type Known } from "./completion";

const KNOWN: Known = {
  paths: [...VOCABULARY.runs, "event.data.amount", "event.data.customer.id"],
  values: { "fn.slug": ["shop-pay", "shop-ship"], "run.status": ["FAILED"] },
};

test.each([
  ["run.st", 0, ["run.status", "run.started_at"]],
  ['error.name == "x" && event.data.a', 21, ["event.data.amount"]],
  ["amou", 0, ["event.data.amount"]],
  ['fn.slug == "', 12, ['shop-pay"', 'shop-ship"']],
  ["fn.slug != 'shop-s", 12, ["shop-ship'"]],
  ['fn.slug == "ship', 12, ['shop-ship"']],
])("after %j", (before, from, options) => expect(completionOf(before, KNOWN)).toEqual({ from, options }));

test.each([
  "",
  "event.data.amount > 10 ",
  "event.data.amount > 1",
  // Whole already, or in a text.
  "run.status",
  'event.data.note == "run.st',
  String.raw`event.data.note.contains("a \" run.st`,
  'fn.slug == "nothing',
])("nothing after %j", (before) => expect(completionOf(before, KNOWN)).toBeUndefined());

test("no more than fit a list are suggested, those that begin so first", () => {
  const paths = ["x.run", ...Array.from({ length: 20 }, (_, i) => `run.a${i}`)];
  const { options = [] } = completionOf("run", { paths, values: {} }) ?? {};
  expect(options).toHaveLength(8);
  expect(options[0]).toBe("run.a0");
});

test.each([
  // What is left of a name behind the caret goes with it, and a quote is not closed twice.
  ["run.st == 1", 6, 0, "run.status", "run.status == 1", 10],
  ["run.stxx == 1", 6, 0, "run.status", "run.status == 1", 10],
  ['fn.slug == "sh"', 14, 12, 'shop-pay"', 'fn.slug == "shop-pay"', 21],
  ['fn.slug == "sh', 14, 12, 'shop-pay"', 'fn.slug == "shop-pay"', 21],
] as const)("in %j at %d", (text, caret, from, option, expected, at) =>
  expect(accepted(text, caret, from, option)).toEqual([expected, at]),
);

test("paths of data, as deep as one reads, without names that can't be written", () => {
  expect(pathsOf({ a: { b: { c: { d: 1 } } }, "x-y": 1, list: [{ z: 1 }] }, "event.data")).toEqual([
    "event.data.a",
    "event.data.a.b",
    "event.data.a.b.c",
    "event.data.list",
  ]);
  expect(pathsOf("text", "event.data")).toEqual([]);
});
