import { expect, test } from "vitest";
import { readChoices, template, visibleColumns, writeChoices, type Column } from "./columns";

const column = (id: string, more: Partial<Column<unknown>> = {}): Column<unknown> => ({
  id,
  title: id,
  width: "5rem",
  cell: () => null,
  ...more,
});
const columns = [
  column("name", { width: "1fr", narrowWidth: "10rem" }),
  column("app", { choice: "shown", from: 700 }),
  column("id", { choice: "hidden" }),
];
const ids = (choices: string, width: number) =>
  visibleColumns(columns, readChoices(choices), width).map(({ id }) => id);

test.each([
  ["", 1000, ["name", "app"]],
  ["", 699, ["name"]],
  ["-app,id", 1000, ["name", "id"]],
  ["app", 699, ["name"]],
  ["-name,gone", 1000, ["name", "app"]],
])("with the choice %j a grid of %i px shows %j", (choices, width, shown) =>
  expect(ids(choices, width)).toEqual(shown),
);

test("what was chosen is read as it was written", () => {
  const choices = new Map([
    ["app", false],
    ["id", true],
  ]);
  expect(readChoices(writeChoices(choices))).toEqual(choices);
});

test("tracks are those of the width, after that of the checkbox", () => {
  expect(template(columns.slice(0, 2), 1000, true)).toBe("2rem 1fr 5rem");
  expect(template(columns.slice(0, 1), 400, false)).toBe("10rem");
});
