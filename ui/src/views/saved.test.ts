import { expect, test } from "vitest";
import { readViews, searchOf, urlOf, VIEWS_MAX, withView } from "./saved";

const view = (name: string, search = "?status=FAILED") => ({ name, search });

test("what the browser keeps is read with care", () => {
  expect(readViews(undefined)).toEqual([]);
  expect(readViews("{")).toEqual([]);
  expect(readViews('{"name": "x"}')).toEqual([]);
  expect(readViews(JSON.stringify([view("a"), null, { name: "" }, { name: "b", search: 1 }]))).toEqual([
    view("a"),
  ]);
  const many = Array.from({ length: VIEWS_MAX + 1 }, (_, i) => view(`v${i}`));
  expect(readViews(JSON.stringify(many))).toHaveLength(VIEWS_MAX);
});

test("views are by name, and one of the same name is replaced", () => {
  expect(withView([view("b"), view("a")], view("b", "?x=1")).map(({ name }) => name)).toEqual(["a", "b"]);
  expect(withView([view("b")], view("b", "?x=1"))).toEqual([view("b", "?x=1")]);
});

test("a view is its URL, with its name and without what one is looking at", () => {
  const search = searchOf({
    status: ["FAILED", "CANCELLED"],
    "attr.tenant": "a b",
    peek: "01R",
    view: "old",
  });
  expect(search).toBe("?status=FAILED&status=CANCELLED&attr.tenant=a+b");
  expect(urlOf(view("new", search))).toEqual({
    status: ["FAILED", "CANCELLED"],
    "attr.tenant": "a b",
    view: "new",
  });
});
