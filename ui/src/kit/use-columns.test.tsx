import { act, render, screen } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { useColumns } from "./use-columns";

afterEach(() => vi.unstubAllGlobals());

function Count() {
  return <p>{useColumns(2, ["sm", "lg"])} columns</p>;
}

test("without layout there is room for all", () => {
  render(<Count />);
  expect(screen.getByText("4 columns")).toBeInTheDocument();
});

test("there are fewer where there is less room, as it changes", () => {
  let width = 50;
  const told = new Set<() => void>();
  vi.stubGlobal("matchMedia", (text: string) => ({
    matches: width >= Number(/(\d+)rem/.exec(text)?.[1]),
    addEventListener: (_: string, listener: () => void) => told.add(listener),
    removeEventListener: (_: string, listener: () => void) => told.delete(listener),
  }));
  const { unmount } = render(<Count />);
  expect(screen.getByText("3 columns")).toBeInTheDocument();
  width = 20;
  act(() => told.forEach((listener) => listener()));
  expect(screen.getByText("2 columns")).toBeInTheDocument();
  unmount();
  expect(told.size).toBe(0);
});
