import { describe, expect, test } from "vitest";
import { bodyOf, countWords, FIRST_WISH, isTyped, needsTyping } from "./replay";

describe("bodyOf", () => {
  test("all that can be asked for", () => {
    const wish = { kind: "replay", rate: " 5 ", stopPercent: "0", reason: " the bank is back " } as const;
    expect(bodyOf("g", wish)).toEqual({
      body: {
        kind: "replay",
        filter: { errorGroup: "g", status: ["FAILED"] },
        ratePerSecond: 5,
        stopOnErrorPercent: 0,
        reason: "the bank is back",
      },
      problems: {},
    });
  });

  test("what is empty is not asked for", () => {
    const { body } = bodyOf("g", { kind: "resume", rate: "", stopPercent: "", reason: "" });
    expect(body).toEqual({ kind: "resume", filter: { errorGroup: "g", status: ["FAILED"] } });
  });

  test.each([
    ["rate", "0"],
    ["rate", "10001"],
    ["rate", "1.5"],
    ["rate", "-1"],
    ["rate", "fast"],
    ["stopPercent", "101"],
  ])("%s can't be %s", (member, text) => {
    expect(Object.keys(bodyOf("g", { ...FIRST_WISH, [member]: text }).problems)).toEqual([member]);
  });
});

const preview = (count: number, isExact = true) => ({ words: "", count, isExact });

test.each([
  [preview(1), "1 run"],
  [preview(1234), "1,234 runs"],
  [preview(10_000, false), "at least 10,000 runs"],
])("%j", (counted, words) => expect(countWords(counted)).toBe(words));

test("a large number is typed before it is acted on", () => {
  expect(needsTyping(preview(1000))).toBe(false);
  expect(needsTyping(preview(1001))).toBe(true);
  expect(needsTyping(preview(3, false))).toBe(true);
  expect(isTyped("1,234", preview(1234))).toBe(true);
  expect(isTyped("123", preview(1234))).toBe(false);
  expect(isTyped("", preview(0))).toBe(false);
});
