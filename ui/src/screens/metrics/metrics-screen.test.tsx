import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test, vi } from "vitest";
import { FakeServer, fakeLive } from "../../api/testing";
import { expectAccessible, renderRouted } from "../../kit/testing";
import { MetricsScreen } from "./metrics-screen";

// There is no canvas here.
vi.mock("../../kit/charts/plot", () => ({ Plot: () => null }));

const spread = { mean: 1, p50: 2, p95: 1500, p99: 4000, max: 5000 };
const total = {
  scheduled: 110,
  started: 100,
  completed: 90,
  failed: 10,
  cancelled: 0,
  skipped: 0,
  durationMs: spread,
  queueDelayMs: null,
};
const metrics = {
  bucket: "1h",
  from: "2026-11-28T00:00:00Z",
  until: "2026-11-29T00:00:00Z",
  buckets: [],
  total,
  functions: [{ functionId: "f", functionSlug: "shop-pay", buckets: [], total }],
};
const answers = () => ({
  "/v2/metrics/runs": metrics as unknown,
  "/v2/apps": [{ id: "shop" }],
  "/v2/apps/shop/functions": [{ id: "pay", name: "Pay", slug: "shop-pay", app: { id: "shop" } }],
});

beforeEach(fakeLive);

test("what happened, beside the time before, and function by function", async () => {
  const server = new FakeServer(answers());
  const { container } = await renderRouted(<MetricsScreen />);
  expect(await screen.findByText("100", { selector: "dd" })).toBeInTheDocument();
  expect(screen.getAllByText("10 %").length).toBeGreaterThan(0);
  await waitFor(() => expect(screen.getAllByText("as before")).toHaveLength(5));
  const row = (await screen.findByRole("link", { name: "Pay" })).closest("tr") as HTMLElement;
  await within(row).findByText("1.50 s");
  expect(server.of("/v2/metrics/runs").map(({ params }) => params)).toEqual([
    { from: "24h" },
    { from: "172800s", until: "24h" },
    { from: "24h", groupBy: "function" },
  ]);
  await expectAccessible(container);
});

test("time and function are in the URL, and asked for", async () => {
  const server = new FakeServer(answers());
  const { router } = await renderRouted(<MetricsScreen />);
  await screen.findByRole("link", { name: "Pay" });
  await userEvent.click(screen.getByRole("button", { name: "7d" }));
  await userEvent.selectOptions(screen.getByLabelText("Of"), "Pay");
  expect(router.state.location.search).toEqual({ since: "7d", function: "shop-pay" });
  await waitFor(() =>
    expect(server.of("/v2/metrics/runs").at(-1)?.params).toMatchObject({ functionId: "shop-pay" }),
  );
  expect(screen.queryByText("By function")).not.toBeInTheDocument();
  await userEvent.click(screen.getByRole("button", { name: "Earlier" }));
  expect(Object.keys(router.state.location.search)).toEqual(["function", "from", "until"]);
  expect(screen.getByRole("button", { name: "Later" })).toBeEnabled();
});

test("the runs that it is about are a link away", async () => {
  new FakeServer(answers());
  await renderRouted(<MetricsScreen />, { path: "/?since=1h&app=shop" });
  const link = await screen.findByRole("link", { name: "Open these runs" });
  expect(link).toHaveAttribute("href", expect.stringMatching(/runs\?/));
  const search = new URL(link.getAttribute("href") ?? "", "http://page").searchParams;
  expect(Object.fromEntries(search)).toEqual({ appId: "shop", since: "1h" });
});

test("metrics that can't be read are not shown as nothing", async () => {
  new FakeServer({ ...answers(), "/v2/metrics/runs": 503 });
  await renderRouted(<MetricsScreen />);
  expect(await screen.findByText("The metrics could not be loaded")).toBeInTheDocument();
  expect(screen.queryByText("Runs started")).not.toBeInTheDocument();
});
