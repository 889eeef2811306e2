import { act, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test } from "vitest";
import { FakeServer, fakeLive, tell } from "../../api/testing";
import { expectAccessible, renderRouted } from "../../kit/testing";
import { FlowScreen } from "./flow-screen";

const HOLDERS = [{ runId: "01RUN", since: "2026-11-29T00:00:00Z" }];
const FULL = { id: "l", name: "concurrency", admits: false, inUse: 2, most: 2, holders: HOLDERS };

const fn = (id: string, configuration: object = {}) => ({
  id,
  name: `Name of ${id}`,
  slug: `shop-${id}`,
  app: { id: "shop" },
  configuration,
});
const summary = (id: string, values: object = {}) => ({
  functionId: id,
  function: `shop-${id}`,
  ...values,
});
const report = (id: string, values: object = {}) => ({
  functionId: id,
  function: `shop-${id}`,
  inUse: 0,
  backlog: 0,
  meanCallMs: 0,
  ...values,
});

const answers = () => ({
  "/v2/apps": [{ id: "shop" }],
  "/v2/apps/shop/functions": [fn("idle"), fn("pay"), fn("sync", { debounce: { period: "1m" } })],
  "/v2/functions/shop-pay/flow": report("pay", {
    inUse: 2,
    backlog: 9,
    oldestAgeMs: 1000,
    limits: [{ id: "app", name: "app", admits: true, inUse: 2, most: 100 }],
    lanes: [{ keys: { "event.data.tenant": "acme" }, inUse: 2, backlog: 9, blockedBy: [FULL], limits: [] }],
    lanesTotal: 1,
    overrides: [{ limit: "throttle", value: 7, createdAt: "2026-11-29T00:00:00Z", codeValue: 5, drift: 2 }],
  }),
  "/v2/functions/shop-sync/flow": report("sync", {
    debounces: [
      {
        id: "d1",
        key: "c-1",
        event: { id: "01EVENT", payload: { name: "crm/changed", data: { a: 1 } } },
        events: 2,
        openedAt: "2026-11-29T00:00:00Z",
        fireAt: "2026-11-29T01:00:00Z",
      },
    ],
  }),
  "/v2/flow": [
    summary("idle"),
    summary("pay", { inUse: 2, backlog: 9, oldestAgeMs: 1000, blockedBy: [FULL], overrides: 1 }),
    summary("sync", { debounces: 1 }),
  ] as unknown,
  "/v2/debounces/d1/fire": { ok: true },
  "/v2/functions/shop-pay/overrides/throttle": { ok: true },
});

beforeEach(fakeLive);

test("what waits most is first, with why; only what is busy can be looked at", async () => {
  new FakeServer(answers());
  const { container } = await renderRouted(<FlowScreen />);
  await screen.findByText("2 calls in flight, 9 waiting");
  const rows = screen.getAllByRole("row").slice(1);
  expect(rows.map((row) => within(row).getByRole("link").textContent)).toEqual([
    "Name of pay",
    "Name of sync",
    "Name of idle",
  ]);
  expect(rows[0]).toHaveTextContent("concurrency 2/2");
  expect(rows[1]).toHaveTextContent("1 debounce");
  await expectAccessible(container);
  await userEvent.click(screen.getByRole("button", { name: /held or paused/ }));
  expect(screen.queryByRole("link", { name: "Name of idle" })).not.toBeInTheDocument();
});

test("a key that is full leads to the runs that hold it", async () => {
  new FakeServer(answers());
  const { container } = await renderRouted(<FlowScreen />, { path: "/?function=shop-pay" });
  const opener = await screen.findByRole("button", { name: "concurrency 2/2" });
  expect(screen.queryByRole("link", { name: "01RUN" })).not.toBeInTheDocument();
  await userEvent.click(opener);
  expect(opener).toHaveAttribute("aria-expanded", "true");
  expect(screen.getByRole("link", { name: "01RUN" })).toBeInTheDocument();
  await expectAccessible(container);
});

test("an override tells how far it is from the code, and is taken back", async () => {
  const server = new FakeServer(answers());
  await renderRouted(<FlowScreen />, { path: "/?function=shop-pay" });
  expect(await screen.findByText(/\+2 to the 5 of the code/)).toBeInTheDocument();
  await userEvent.click(screen.getByRole("button", { name: "By the code again" }));
  await waitFor(() =>
    expect(server.of("/v2/functions/shop-pay/overrides/throttle")).toMatchObject([{ method: "DELETE" }]),
  );
});

test("a debounced event is run now, and then is gone", async () => {
  const all = answers();
  const server = new FakeServer(all);
  await renderRouted(<FlowScreen />, { path: "/?function=shop-sync" });
  const run = await screen.findByRole("button", { name: "Run now: c-1" });
  all["/v2/functions/shop-sync/flow"] = report("sync");
  await userEvent.click(run);
  await waitFor(() => expect(run).not.toBeInTheDocument());
  expect(server.of("/v2/debounces/d1/fire")).toMatchObject([{ method: "POST" }]);
});

test("all functions are read in one request, and again when flow changes", async () => {
  const all = answers();
  const server = new FakeServer(all);
  await renderRouted(<FlowScreen />);
  await screen.findByText("2 calls in flight, 9 waiting");
  expect(server.of("/v2/flow")).toHaveLength(1);
  all["/v2/flow"] = [summary("pay", { inUse: 1 })];
  await tell("flow", []);
  await screen.findByText("1 calls in flight, 0 waiting");
  expect(server.asked.filter(({ path }) => path.endsWith("/flow"))).toHaveLength(2);
});

test("rows stay where they are while one has the focus", async () => {
  const all = answers();
  const server = new FakeServer(all);
  await renderRouted(<FlowScreen />);
  const names = () =>
    screen
      .getAllByRole("row")
      .slice(1)
      .map((row) => within(row).getByRole("link").textContent);
  await screen.findByText("2 calls in flight, 9 waiting");
  act(() => screen.getByRole("link", { name: "Name of pay" }).focus());
  all["/v2/flow"] = [summary("idle"), summary("pay"), summary("sync", { debounces: 1 })];
  await tell("flow", []);
  await screen.findByText("0 calls in flight, 0 waiting");
  expect(server.of("/v2/flow")).toHaveLength(2);
  expect(names()).toEqual(["Name of pay", "Name of sync", "Name of idle"]);
  act(() => screen.getByRole("link", { name: "Name of pay" }).blur());
  expect(names()).toEqual(["Name of sync", "Name of idle", "Name of pay"]);
});

test("a server that fails is told of, and asked again", async () => {
  const all: Record<string, unknown> = { ...answers(), "/v2/apps": 503 };
  new FakeServer(all);
  await renderRouted(<FlowScreen />);
  expect(await screen.findByRole("alert")).toHaveTextContent("The store is away");
  Object.assign(all, answers());
  await userEvent.click(screen.getByRole("button", { name: "Try again" }));
  expect(await screen.findByText("2 calls in flight, 9 waiting")).toBeInTheDocument();
});

test("flow that can't be read is not shown as nothing", async () => {
  new FakeServer({ ...answers(), "/v2/flow": 500 });
  await renderRouted(<FlowScreen />);
  expect(await screen.findByRole("alert")).toHaveTextContent("The store is away");
  expect(screen.queryByText(/calls in flight/)).not.toBeInTheDocument();
});
