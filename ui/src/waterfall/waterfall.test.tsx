import { act, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { expect, test, vi } from "vitest";
import type { Trace } from "../api/types";
import { keyRegistry } from "../keys/registry";
import { expectAccessible, renderSized } from "../kit/testing";
import { longTrace, step, time, trace } from "./fixtures";
import type { View } from "./layout";
import { Waterfall } from "./waterfall";

interface Shown {
  view: View;
  selected: string | undefined;
}

function Page({ of, onChange }: { of: Trace; onChange?: (shown: Shown) => void }) {
  const [shown, setShown] = useState<Shown>({
    view: { window: undefined, openGaps: [] },
    selected: undefined,
  });
  const [isCritical, setCritical] = useState(false);
  const change = (next: Partial<Shown>) => {
    setShown({ ...shown, ...next });
    onChange?.({ ...shown, ...next });
  };
  return (
    <Waterfall
      trace={of}
      selected={shown.selected}
      onSelect={(selected) => change({ selected })}
      view={shown.view}
      onView={(view) => change({ view })}
      isCritical={isCritical}
      onCritical={setCritical}
    />
  );
}

const press = (key: string) =>
  act(() => void keyRegistry.press(new KeyboardEvent("keydown", { key, shiftKey: key === "N" })));
const names = () => screen.getAllByRole("treeitem").map((row) => row.textContent?.split(",")[0]?.trim());

test("a run of 10,000 steps has only the rows in view in the page", () => {
  const { container } = renderSized(<Page of={longTrace(10_000)} />);
  expect(screen.getByRole("tree")).toBeInTheDocument();
  expect(names().slice(0, 3)).toEqual(["Run", "row-0", "row-1"]);
  expect(container.querySelectorAll("*").length).toBeLessThan(1000);
});

test("the tree is one stop, and arrow keys select and open", async () => {
  const onChange = vi.fn<(shown: Shown) => void>();
  const inner = [step("inner", 0, 5)];
  renderSized(
    <Page
      of={trace(0, 100, [step("a", 0, 10, { children: inner }), step("b", 10, 20)])}
      onChange={onChange}
    />,
  );
  act(() => screen.getByRole("tree").focus());
  await userEvent.keyboard("{ArrowDown}");
  expect(screen.getByRole("treeitem", { selected: true })).toHaveTextContent("a");
  await userEvent.keyboard("{ArrowRight}{ArrowRight}");
  expect(names()).toEqual(["Run", "a", "inner", "b"]);
  expect(onChange.mock.lastCall?.[0].selected).toBe("span-inner");
  await userEvent.keyboard("{ArrowLeft}{ArrowLeft}{End}");
  expect(names()).toEqual(["Run", "a", "b"]);
  expect(onChange.mock.lastCall?.[0].selected).toBe("span-b");
});

test("keys go to failures, though these are closed", () => {
  const failed = step("broken", 0, 5, { status: "FAILED" });
  const onChange = vi.fn<(shown: Shown) => void>();
  renderSized(<Page of={trace(0, 100, [step("a", 0, 10, { children: [failed] })])} onChange={onChange} />);
  expect(names()).toEqual(["Run", "a"]);
  press("n");
  expect(onChange.mock.lastCall?.[0].selected).toBe("span-broken");
  expect(names()).toEqual(["Run", "a", "broken"]);
});

test("keys zoom around the middle, and back", () => {
  const onChange = vi.fn<(shown: Shown) => void>();
  renderSized(<Page of={trace(0, 1000, [step("a", 0, 1000)])} onChange={onChange} />);
  press("+");
  expect(onChange.mock.lastCall?.[0].view.window).toEqual({ from: 250, to: 750 });
  press("0");
  expect(onChange.mock.lastCall?.[0].view.window).toBeUndefined();
});

test("a gap that is idle is collapsed until it is opened", async () => {
  const nap = step("nap", 100, 900, { stepOp: "SLEEP" });
  renderSized(<Page of={trace(0, 1000, [step("a", 0, 100), nap, step("b", 900, 1000)])} />);
  await userEvent.click(screen.getByRole("button", { name: "800 ms idle: show it in full" }));
  expect(screen.queryByRole("button", { name: /idle: show/ })).not.toBeInTheDocument();
});

test("the critical path dims the rest", async () => {
  renderSized(<Page of={trace(0, 100, [step("short", 0, 20), step("long", 0, 100)])} />);
  await userEvent.click(screen.getByRole("button", { name: "Critical path" }));
  const [, short, long] = screen.getAllByRole("treeitem");
  expect(short?.innerHTML).toContain("opacity-40");
  expect(long?.innerHTML).not.toContain("opacity-40");
});

test("it is accessible", async () => {
  const attempts = [step("Attempt 0", 0, 5, { status: "FAILED", startedAt: time(2) })];
  const { container } = renderSized(
    <Page of={trace(0, undefined, [step("a", 0, 10, { children: attempts })])} />,
  );
  await expectAccessible(container);
});
