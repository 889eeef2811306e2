import { expect, test } from "vitest";
import { meaningOf } from "./omnibox";

test("an id is one in either case", () => {
  expect(meaningOf(" 01m8hrx8m1274fccr7q1g0ws5b ")).toEqual({ kind: "id", id: "01M8HRX8M1274FCCR7Q1G0WS5B" });
  expect(meaningOf("01M8HRX8M1274FCCR7Q1G0WS5").kind).toBe("words");
});

test("shorthand becomes filters and conditions", () => {
  expect(meaningOf("failed cancelled fn:shop-import since:2h tenant:acme items:3")).toEqual({
    kind: "runs",
    search: {
      status: ["FAILED", "CANCELLED"],
      functionId: "shop-import",
      since: "2h",
      search: 'event.data.tenant == "acme" && event.data.items == 3',
    },
    words: "failed, cancelled, fn shop-import, of the last 2h, tenant = acme, items = 3",
  });
});

test("all functions of an app are the app", () => {
  expect(meaningOf("fn:shop/*")).toEqual({ kind: "runs", search: { appId: "shop" }, words: "app shop" });
});

test("an expression is left as it is", () => {
  const text = 'event.data.amount > 10 && fn.id == "x:y"';
  expect(meaningOf(text)).toEqual({ kind: "runs", search: { search: text }, words: `where ${text}` });
});

test.each(["import", "failed import", "since:soon", "tenant:", ":acme", "", "a-b:c"])(
  "%j is words",
  (text) => {
    expect(meaningOf(text)).toEqual({ kind: "words" });
  },
);

test("a value can't break out of its condition", () => {
  const meaning = meaningOf('tenant:a"b\\c');
  expect(meaning).toMatchObject({ search: { search: 'event.data.tenant == "a\\"b\\\\c"' } });
});
