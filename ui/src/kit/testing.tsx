/** For tests of components: a page that has a size, as virtual lists need one, and the rules of accessibility. */
import { render, type RenderResult } from "@testing-library/react";
import axe from "axe-core";
import { Tooltip } from "radix-ui";
import type { ReactNode } from "react";
import { expect, vi } from "vitest";

/** Renders into an element of this size; jsdom has no layout. */
export function renderSized(ui: ReactNode, size = { width: 1000, height: 600 }): RenderResult {
  vi.spyOn(HTMLElement.prototype, "clientHeight", "get").mockReturnValue(size.height);
  vi.spyOn(HTMLElement.prototype, "clientWidth", "get").mockReturnValue(size.width);
  return render(<Tooltip.Provider>{ui}</Tooltip.Provider>);
}

/** Colours and regions are for whole pages: there is no layout here. */
export async function expectAccessible(element: Element): Promise<void> {
  const { violations } = await axe.run(element, {
    runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
    rules: { "color-contrast": { enabled: false } },
  });
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" ")}`)).toEqual([]);
}
