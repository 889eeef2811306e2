import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import { copy } from "../copy";
import { expectAccessible, renderSized } from "../testing";
import { JsonView } from "./json-view";

vi.mock("../copy", () => ({ copy: vi.fn() }));

const value = { order: { id: 7, tags: ["new", "big"] }, note: "a".repeat(200) };
const lines = () => screen.getAllByRole("treeitem").map((line) => line.textContent);

test("the value is a tree that keys open, close and move in", async () => {
  renderSized(<JsonView value={value} what="output" />);
  expect(lines()[1]).toBe("order: { 2 members }");
  // After the search, and the buttons for the text and for a copy.
  for (let i = 0; i < 4; i += 1) await userEvent.tab();
  expect(screen.getByRole("tree", { name: "output" })).toHaveFocus();
  await userEvent.keyboard("{ArrowDown}{ArrowLeft}");
  expect(screen.getByRole("treeitem", { selected: true })).toHaveAttribute("aria-expanded", "false");
  expect(lines()).toHaveLength(3);
  await userEvent.keyboard("{ArrowRight}{ArrowRight}{ArrowDown}{ArrowRight}");
  expect(screen.getByText("order.tags[0]")).toBeInTheDocument();
});

test("what is searched for is counted and gone to, though it was closed", async () => {
  const user = userEvent.setup();
  renderSized(
    <JsonView value={{ many: Array.from({ length: 500 }, (_, i) => `item ${i}`) }} what="output" />,
  );
  await user.type(screen.getByRole("searchbox", { name: "Search the output" }), "item 49{Enter}{Enter}");
  // item 49, and item 490 to item 499.
  expect(screen.getByRole("status")).toHaveTextContent("2 of 11");
  expect(screen.getByText("many[490]")).toBeInTheDocument();
});

test("a long value has only the lines in view in the page", () => {
  const rows = Array.from({ length: 90 }, () =>
    Object.fromEntries(Array.from({ length: 90 }, (_, i) => [`k${i}`, i])),
  );
  const { container } = renderSized(<JsonView value={rows} what="output" />);
  expect(container.querySelectorAll("*").length).toBeLessThan(400);
});

test("the text is there in full", async () => {
  renderSized(<JsonView value={value} what="output" />);
  await userEvent.click(screen.getByRole("button", { name: "Raw" }));
  expect(JSON.parse(screen.getByLabelText("Text of the output").textContent)).toEqual(value);
});

test("the path of a line can be copied", async () => {
  const user = userEvent.setup();
  renderSized(<JsonView value={value} what="output" />);
  await user.click(screen.getByText("id:", { exact: false }));
  await user.click(screen.getByRole("button", { name: "Path" }));
  expect(copy).toHaveBeenCalledWith("order.id", "path");
  await user.click(screen.getByRole("button", { name: "Value" }));
  expect(copy).toHaveBeenLastCalledWith("7", "order.id");
});

test("it is accessible", async () => {
  const { container } = renderSized(<JsonView value={value} what="output" />);
  expect(within(container).getByRole("tree")).toBeInTheDocument();
  await expectAccessible(container);
});
