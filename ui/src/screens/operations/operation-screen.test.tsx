import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import {
  createMemoryHistory,
  createRootRoute,
  createRoute,
  createRouter,
  RouterProvider,
} from "@tanstack/react-router";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Operation } from "../../api/types";
import { expectAccessible, renderSized } from "../../kit/testing";
import { OperationScreen } from ".";

const OPERATION: Operation = {
  id: "01OP",
  kind: "replay",
  state: "RUNNING",
  filter: { status: ["FAILED"] },
  words: "failed runs",
  counts: { matched: 30, done: 20, skipped: 6, failed: 4 },
  errors: [{ runId: "01RUN", message: "the function is no more" }],
  reason: "the bank is back",
  createdAt: "2026-11-29T06:00:00.000Z",
};

let operation: Operation;
let posted: string[];

beforeEach(() => {
  operation = OPERATION;
  posted = [];
  vi.stubGlobal(
    "WebSocket",
    class {
      static OPEN = 1;
      send() {}
      close() {}
    },
  );
  vi.stubGlobal("fetch", async (path: string, init: RequestInit) => {
    if (init.method === "POST") posted.push(path);
    if (path.endsWith("/abort"))
      operation = { ...operation, state: "ABORTED", endedAt: "2026-11-29T06:01:00Z" };
    if (path.endsWith("/resume")) operation = OPERATION;
    const data = path.endsWith("/preview")
      ? { words: "", count: 120, isExact: false }
      : path.includes("/v2/runs")
        ? []
        : operation;
    return new Response(JSON.stringify({ data, page: { limit: 10 } }));
  });
});
afterEach(() => vi.unstubAllGlobals());

async function open() {
  const root = createRootRoute();
  const routes = [
    createRoute({ getParentRoute: () => root, path: "/operations/$operation", component: OperationScreen }),
  ];
  const router = createRouter({
    routeTree: root.addChildren(routes),
    history: createMemoryHistory({ initialEntries: ["/operations/01OP"] }),
  });
  window.scrollTo = () => undefined;
  await router.load();
  return renderSized(
    <QueryClientProvider client={new QueryClient({ defaultOptions: { queries: { retry: false } } })}>
      <RouterProvider router={router} />
    </QueryClientProvider>,
  );
}

test("how far it is, what came of it, and why it failed", async () => {
  const { container } = await open();
  expect(await screen.findByRole("heading", { name: "Replay failed runs" })).toBeInTheDocument();
  const bar = await screen.findByRole("progressbar");
  await vi.waitFor(() => expect(bar).toHaveAttribute("aria-valuemax", "120"));
  expect(bar).toHaveAttribute("aria-valuenow", "30");
  expect(screen.getByText(/of at least 120/)).toBeInTheDocument();
  expect(screen.getByText("the function is no more")).toBeInTheDocument();
  expect(screen.getByText("Of 3 others the reason is not kept.")).toBeInTheDocument();
  expect(screen.getByText("the bank is back")).toBeInTheDocument();
  await expectAccessible(container);
});

test("it is aborted with two presses, and goes on with one", async () => {
  await open();
  await userEvent.click(await screen.findByRole("button", { name: "Abort" }));
  expect(posted.filter((path) => path.endsWith("/abort"))).toEqual([]);
  await userEvent.click(screen.getByRole("button", { name: "Abort: press again" }));
  expect(await screen.findByText("Aborted")).toBeInTheDocument();
  expect(posted).toContain("/v2/bulk-operations/01OP/abort");
  await userEvent.click(screen.getByRole("button", { name: "Go on" }));
  expect(await screen.findByText("Running")).toBeInTheDocument();
  expect(posted).toContain("/v2/bulk-operations/01OP/resume");
});
