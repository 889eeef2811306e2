import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test } from "vitest";
import { FakeServer, fakeLive, tell } from "../../api/testing";
import { expectAccessible, renderRouted } from "../../kit/testing";
import { FunctionsScreen } from "./functions-screen";

const fn = (id: string, more: object = {}) => ({
  id,
  name: `Name of ${id}`,
  slug: `shop-${id}`,
  app: { id: "shop" },
  configuration: {},
  ...more,
});
const counts = (completed: number, failed: number) => ({
  scheduled: completed + failed,
  started: completed + failed,
  completed,
  failed,
  cancelled: 0,
  skipped: 0,
  durationMs: { mean: 1, p50: 40, p95: 1500, p99: 4000, max: 5000 },
});
const metrics = (completed: number, failed: number) => ({
  ...of(completed, failed),
  functions: [{ functionId: "1", functionSlug: "shop-order", ...of(completed, failed) }],
});
const of = (completed: number, failed: number) => ({
  bucket: "1h",
  from: "2026-11-28T00:00:00Z",
  until: "2026-11-28T02:00:00Z",
  total: counts(completed, failed),
  buckets: [{ ...counts(completed, failed), start: "2026-11-28T01:00:00Z" }],
});

const answers = (): Record<string, unknown> => ({
  "/v2/apps": [{ id: "shop" }],
  "/v2/apps/shop/functions": [
    fn("report", { isPaused: true, triggers: [{ type: "CRON", value: "*/2 * * * *" }] }),
    fn("order", {
      triggers: [{ type: "EVENT", value: "shop/order.placed", if: "event.data.n > 1" }],
      configuration: { concurrency: [{ limit: { value: 2 }, key: "event.data.tenant" }] },
    }),
    fn("gone", { isArchived: true }),
  ],
  "/v2/metrics/runs": metrics(83, 17),
  "/v2/flow": [{ functionId: "1", function: "shop-order", backlog: 9 }],
});

beforeEach(fakeLive);

test("what starts a function, what limits it, and how it went for a day", async () => {
  new FakeServer(answers());
  const { container } = await renderRouted(<FunctionsScreen />);
  const row = await screen.findByRole("row", { name: /Name of order/ });
  expect(row).toHaveTextContent("shop/order.placed if …");
  expect(row).toHaveTextContent("2 at once");
  expect(
    await within(row).findByRole("link", { name: /17 %: 17 runs of Name of order failed/ }),
  ).toBeVisible();
  expect(within(row).getByRole("img", { name: "Runs by hour: 100 in 24 hours, 17 failed" })).toBeVisible();
  expect(row).toHaveTextContent("40 ms");
  expect(row).toHaveTextContent("1.50 s");
  expect(within(row).getByRole("link", { name: "9 calls of Name of order wait" })).toBeVisible();
  const report = screen.getByRole("row", { name: /Name of report/ });
  expect(report).toHaveTextContent("Every 2 minutes");
  expect(report).toHaveTextContent("Paused");
  await expectAccessible(container);
});

test("the filter is in the URL, and what is archived is shown when it is asked for", async () => {
  new FakeServer(answers());
  const { router } = await renderRouted(<FunctionsScreen />);
  await screen.findByRole("link", { name: "Name of order" });
  expect(screen.queryByRole("link", { name: "Name of gone" })).not.toBeInTheDocument();
  await userEvent.type(screen.getByRole("textbox", { name: "Filter the functions" }), "order");
  await waitFor(() => expect(router.state.location.search).toEqual({ q: "order" }));
  expect(screen.queryByRole("link", { name: "Name of report" })).not.toBeInTheDocument();
  await userEvent.click(screen.getByRole("button", { name: "Clear" }));
  await userEvent.click(screen.getByRole("button", { name: "Archived" }));
  expect(await screen.findByRole("link", { name: "Name of gone" })).toBeVisible();
});

test("a filter that nothing fits is told apart from no functions", async () => {
  const all = answers();
  new FakeServer(all);
  await renderRouted(<FunctionsScreen />, { path: "/?q=nothing" });
  expect(await screen.findByText("No function fits")).toBeVisible();
});

test("one request tells of all functions, and is made again when runs are told of", async () => {
  const server = new FakeServer(answers());
  await renderRouted(<FunctionsScreen />);
  await waitFor(() => expect(server.of("/v2/metrics/runs")).toHaveLength(1));
  expect(server.of("/v2/metrics/runs")[0]?.params).toEqual({ groupBy: "function", bucket: "1h" });
  await tell("runs", [{ id: "r", app: { id: "shop" }, function: { id: "order" } }]);
  await waitFor(() => expect(server.of("/v2/metrics/runs")).toHaveLength(2));
});

test("figures that can't be read are not shown as nothing", async () => {
  new FakeServer({ ...answers(), "/v2/metrics/runs": 503 });
  await renderRouted(<FunctionsScreen />);
  expect(await screen.findByRole("alert")).toHaveTextContent("The store is away");
  expect(await screen.findByRole("row", { name: /Name of order/ })).not.toHaveTextContent("0");
});

test("a failure is no empty list", async () => {
  new FakeServer({ "/v2/apps": 403 });
  await renderRouted(<FunctionsScreen />);
  expect(await screen.findByRole("alert")).toHaveTextContent("The functions could not be loaded");
});
