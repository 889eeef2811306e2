import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import { expectAccessible, renderSized } from "../testing";
import { TimeChart } from "./time-chart";

// jsdom has no canvas.
vi.mock("./plot", () => ({
  Plot: ({ onHover }: { onHover: (index: number | undefined) => void }) => (
    <button onClick={() => onHover(1)}>hover</button>
  ),
}));

const HOUR = 3_600_000;
const spans = [0, 1, 2].map((i) => ({ start: i * HOUR, end: (i + 1) * HOUR }));
const series = [
  { title: "Failed", token: "bad-bar" as const, values: [1, 0, 2] },
  { title: "Completed", token: "ok-bar" as const, values: [10, 0, 1234] },
];

test("the legend has the sums, and the values under the pointer", async () => {
  const { container } = renderSized(<TimeChart title="Runs" look="bars" spans={spans} series={series} />);
  expect(container.querySelector("ul")).toHaveTextContent("Failed3Completed1,244");
  await userEvent.click(await screen.findByText("hover"));
  expect(container.querySelector("ul")).toHaveTextContent("Failed0Completed0");
});

test("a chart is a table for who wants one", async () => {
  const { container } = renderSized(<TimeChart title="Runs" look="bars" spans={spans} series={series} />);
  expect(screen.getByRole("img", { name: "Runs: Failed 3, Completed 1,244" })).toBeInTheDocument();
  await userEvent.click(screen.getByRole("button", { name: "Runs: show as a table" }));
  const rows = within(screen.getByRole("region", { name: "Runs, table" }))
    .getAllByRole("row")
    .slice(1);
  expect(rows.map((row) => [...row.querySelectorAll("td")].slice(1).map((cell) => cell.textContent))).toEqual(
    [
      ["2", "1,234"],
      ["1", "10"],
    ],
  );
  await expectAccessible(container);
});

test("while it is read, it says nothing", () => {
  const { container } = renderSized(<TimeChart title="Runs" look="bars" spans={undefined} series={series} />);
  expect(container.querySelector("ul")).toHaveTextContent(/^FailedCompleted$/);
  expect(screen.getByRole("button", { name: "Runs: copy as CSV" })).toBeDisabled();
});
