import { screen, waitFor, within } from "@testing-library/react";
import { beforeEach, expect, test, vi } from "vitest";
import { FakeServer, fakeLive, tell } from "../../api/testing";
import { expectAccessible, renderRouted } from "../../kit/testing";
import { OverviewScreen } from "./overview-screen";

// jsdom has no canvas.
vi.mock("../../kit/charts/plot", () => ({ Plot: () => null }));

const COUNTS = { scheduled: 4, started: 4, completed: 3, failed: 1, cancelled: 0, skipped: 0 };
const RUN = {
  id: "01RUN",
  status: "FAILED",
  function: { id: "order", name: "Order", app: { id: "shop" } },
  app: { id: "shop" },
  queuedAt: "2026-11-28T00:00:00Z",
  endedAt: "2026-11-28T00:00:02Z",
  trigger: {},
  output: { name: "Error", message: "declined" },
};
const ENTRY = {
  url: "http://localhost:3000/api/inngest",
  state: "failing",
  error: { code: "unauthorized", message: "the app is in cloud mode", hint: "start it with INNGEST_DEV=1" },
};

const empty = (): Record<string, unknown> => ({
  "/v2/apps": [],
  "/v2/events": [],
  "/v2/runs": [],
  "/v2/errors": [],
  "/v2/metrics/runs": {
    bucket: "1h",
    from: "2026-11-28T00:00:00Z",
    until: "2026-11-28T01:00:00Z",
    total: COUNTS,
    buckets: [],
  },
  "/dev": JSON.stringify({ apps: [ENTRY] }),
});

const busy = (): Record<string, unknown> => ({
  ...empty(),
  "/v2/apps": [
    {
      id: "shop",
      name: "shop",
      method: "SERVE",
      latestSync: { status: "SUCCESS", syncedAt: "2026-11-28T00:00:00Z", url: "http://a" },
    },
  ],
  "/v2/apps/shop/functions": [
    { id: "order", name: "Order", slug: "shop-order", app: { id: "shop" }, configuration: {} },
  ],
  "/v2/events": [{ id: "01EVENT", name: "a" }],
  "/v2/runs": [RUN],
  "/v2/errors": [
    {
      id: "g",
      status: "open",
      message: "declined",
      function: "shop-order",
      runs: 2,
      lastSeen: "2026-11-28T00:00:00Z",
    },
  ],
  "/v1/functions/shop-order/explain": { functionId: "1", summary: "" },
  "/dev": JSON.stringify({ apps: [] }),
});

beforeEach(fakeLive);

test("an empty server shows the first steps, and no empty charts", async () => {
  new FakeServer(empty());
  const { container } = await renderRouted(<OverviewScreen />);
  expect(await screen.findByText("0 of 4")).toBeVisible();
  expect(screen.getByText("The app is in cloud mode.")).toBeVisible();
  expect(screen.getByText("Start it with INNGEST_DEV=1.")).toBeVisible();
  expect(screen.queryByText("Recent failures")).not.toBeInTheDocument();
  const next = container.querySelector("[aria-current=step]");
  expect(next).toHaveTextContent("Connect an app");
  await expectAccessible(container);
});

test("steps check themselves as they happen", async () => {
  const all = empty();
  new FakeServer(all);
  await renderRouted(<OverviewScreen />);
  await screen.findByText("0 of 4");
  Object.assign(all, busy());
  await tell("events", [{ id: "01EVENT" }]);
  await tell("runs", [RUN]);
  await tell("apps", [{ id: "shop" }]);
  await tell("functions", [{ id: "order" }]);
  // What is done stays in sight until one leaves.
  expect(await screen.findByText("All set")).toBeVisible();
  expect(await screen.findByText("Recent failures")).toBeVisible();
});

test("with data: what needs somebody, the figures, and what failed", async () => {
  new FakeServer(busy());
  const { container } = await renderRouted(<OverviewScreen />);
  const [item] = await screen.findAllByRole("link", { name: "declined" });
  expect(item).toBeVisible();
  expect(screen.queryByText("First steps")).not.toBeInTheDocument();
  expect(await screen.findByText("Order: 25 % failed")).toBeVisible();
  const failures = await screen.findByRole("table");
  expect(within(failures).getByRole("link", { name: "declined" })).toHaveAttribute(
    "href",
    expect.stringContaining("/runs/01RUN"),
  );
  await waitFor(() => expect(screen.getByRole("link", { name: /^Failure rate/ })).toHaveTextContent("25 %"));
  await expectAccessible(container);
});
