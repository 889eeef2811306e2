/** For tests of components: a page that has a size, as virtual lists need one, and the rules of accessibility. */
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import {
  createMemoryHistory,
  createRootRoute,
  createRouter,
  RouterProvider,
  type AnyRouter,
} from "@tanstack/react-router";
import { act, render, type RenderResult } from "@testing-library/react";
import axe from "axe-core";
import { Tooltip } from "radix-ui";
import type { ReactNode } from "react";
import { expect, vi } from "vitest";
import { useKeyListener } from "../keys/hooks";
import { parseSearch, stringifySearch } from "../url/search";

/** Renders into an element of this size; jsdom has no layout. */
export function renderSized(ui: ReactNode, size = { width: 1000, height: 600 }): RenderResult {
  vi.spyOn(HTMLElement.prototype, "clientHeight", "get").mockReturnValue(size.height);
  vi.spyOn(HTMLElement.prototype, "clientWidth", "get").mockReturnValue(size.width);
  return render(<Tooltip.Provider>{ui}</Tooltip.Provider>);
}

/** The same within a router and with a cache of its own: for what has links, or reads. Any path shows the same. */
export async function renderRouted(
  ui: ReactNode,
  { path = "/", size }: { path?: string; size?: { width: number; height: number } } = {},
): Promise<RenderResult & { router: AnyRouter; client: QueryClient }> {
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const router = createRouter({
    routeTree: createRootRoute({ component: () => ui, notFoundComponent: () => ui }),
    history: createMemoryHistory({ initialEntries: [path] }),
    parseSearch,
    stringifySearch,
  });
  // jsdom has no scrolling.
  window.scrollTo = () => undefined;
  await router.load();
  const rendered = renderSized(
    <QueryClientProvider client={client}>
      <Keys />
      <RouterProvider router={router} />
    </QueryClientProvider>,
    size,
  );
  await act(async () => undefined);
  return { ...rendered, router, client };
}

function Keys() {
  useKeyListener();
  return null;
}

/** Colours and regions are for whole pages: there is no layout here. */
export async function expectAccessible(element: Element): Promise<void> {
  const { violations } = await axe.run(element, {
    runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
    rules: { "color-contrast": { enabled: false } },
  });
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" ")}`)).toEqual([]);
}
