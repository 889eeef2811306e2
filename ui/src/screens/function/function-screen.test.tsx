import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test, vi } from "vitest";
import { FakeServer, fakeLive, tell } from "../../api/testing";
import { expectAccessible, renderRouted } from "../../kit/testing";
import { FunctionScreen } from "./function-screen";

// jsdom has no canvas, and no layout for an editor.
vi.mock("../../kit/charts/plot", () => ({ Plot: () => null }));
vi.mock("../../kit/editor", () => ({
  JsonEditor: ({
    label,
    value,
    onChange,
  }: {
    label: string;
    value: string;
    onChange: (text: string) => void;
  }) => <textarea aria-label={label} value={value} onChange={(event) => onChange(event.target.value)} />,
}));
vi.mock("./params", async (original) => ({
  ...(await original<object>()),
  useFunctionName: () => ({ app: "shop", id: "order" }),
}));

const RUN = {
  id: "01RUN",
  status: "COMPLETED",
  function: { id: "order", name: "Order", app: { id: "shop" } },
  app: { id: "shop" },
  queuedAt: "2026-11-28T00:00:00Z",
  startedAt: "2026-11-28T00:00:00Z",
  endedAt: "2026-11-28T00:00:02Z",
  trigger: { eventIds: ["01EVENT"], eventName: "shop/order.placed" },
};
const HOLDERS = ["01HOLD", "01HOLD", "01OTHER"].map((runId) => ({ runId, since: "2026-11-28T00:00:00Z" }));
const COUNTS = { scheduled: 4, started: 4, completed: 3, failed: 1, cancelled: 0, skipped: 0 };
const FUNCTION = "/v2/apps/shop/functions/order";

const answers = (): Record<string, unknown> => ({
  [FUNCTION]: {
    id: "order",
    name: "Order",
    slug: "shop-order",
    app: { id: "shop" },
    triggers: [{ type: "CRON", value: "TZ=Europe/Paris 0 9 * * 1" }],
    configuration: {
      timeouts: { finish: "1h" },
      retries: { value: 2 },
      concurrency: [{ limit: { value: 2 }, key: "event.data.tenant" }],
    },
  },
  [`${FUNCTION}/runs`]: [RUN],
  [`${FUNCTION}/invoke`]: { runId: "01NEW", queuedAt: "2026-11-28T00:00:00Z" },
  "/v2/runs/01NEW": { ...RUN, id: "01NEW", status: "RUNNING", endedAt: undefined },
  "/v2/metrics/runs": {
    bucket: "1h",
    from: "2026-11-28T00:00:00Z",
    until: "2026-11-28T01:00:00Z",
    total: COUNTS,
    buckets: [{ ...COUNTS, start: "2026-11-28T00:00:00Z" }],
  },
  "/v2/functions/shop-order/flow": {
    function: "shop-order",
    functionId: "1",
    inUse: 2,
    backlog: 9,
    oldestAgeMs: 4200,
    meanCallMs: 100,
  },
  "/v1/functions/shop-order/explain": {
    functionId: "1",
    summary: "",
    reasons: [
      { kind: "backlog", text: "has 2 calls in flight and 9 that wait" },
      {
        kind: "concurrency",
        text: "waits because concurrency of event.data.tenant = acme is 2 of 2, held by 01HOLD, 01HOLD",
        limit: { id: "l", name: "concurrency", holders: HOLDERS },
      },
    ],
  },
  "/v2/functions/shop-order/pause": { function: "shop-order" },
  "/v1/events/01EVENT": {
    data: { id: "01EVENT", name: "shop/order.placed", data: { n: 3, _inngest: { fn_id: "f" } } },
  },
});

beforeEach(fakeLive);

test("why it waits, with the runs that hold it up, and how it is configured", async () => {
  new FakeServer(answers());
  const { container } = await renderRouted(<FunctionScreen />);
  const why = await screen.findByRole("region", { name: "Why is it not running?" });
  await within(why).findByText(/2 calls in flight, 9 waiting, the oldest for \d/);
  expect(why).toHaveTextContent("Waits because concurrency of event.data.tenant = acme is 2 of 2.");
  expect(
    within(why)
      .getAllByRole("link")
      .map((link) => link.textContent),
  ).toEqual(["01HOLD", "01OTHER", "Flow control"]);
  expect(screen.getByText("At 09:00, only on Monday")).toBeVisible();
  expect(screen.getByText("A run that takes longer is cancelled.")).toBeVisible();
  expect(screen.getByRole("img", { name: "Failure rate: Failed 25 %" })).toBeVisible();
  expect(screen.getByRole("link", { name: "01RUN" })).toBeVisible();
  await expectAccessible(container);
});

test("it is invoked with what is typed, and the run is shown as it goes", async () => {
  const all = answers();
  const server = new FakeServer(all);
  await renderRouted(<FunctionScreen />);
  await userEvent.click(await screen.findByRole("button", { name: "Invoke…" }));
  const dialog = await screen.findByRole("dialog", { name: "Invoke Order" });
  const data = within(dialog).getByRole("textbox", { name: "Data of the function" });
  await userEvent.clear(data);
  await userEvent.type(data, "[[1]");
  await userEvent.click(within(dialog).getByRole("button", { name: "Invoke" }));
  expect(within(dialog).getByRole("alert")).toHaveTextContent("The data has to be an object.");
  expect(server.of(`${FUNCTION}/invoke`)).toEqual([]);
  await userEvent.click(within(dialog).getByRole("button", { name: "As the last time" }));
  await waitFor(() => expect(data).toHaveValue(JSON.stringify({ n: 3 }, null, 2)));
  await userEvent.click(within(dialog).getByRole("button", { name: "Invoke" }));
  const started = await within(dialog).findByRole("list", { name: "Runs that were started" });
  expect(await within(started).findByText("Running")).toBeVisible();
  expect(server.of(`${FUNCTION}/invoke`)).toMatchObject([{ method: "POST", body: { data: { n: 3 } } }]);
  all["/v2/runs/01NEW"] = { ...RUN, id: "01NEW" };
  await tell("run:01NEW", [{ id: "01NEW" }]);
  expect(await within(started).findByText("Completed")).toBeVisible();
  await expectAccessible(dialog);
});

test("what refuses a run says so", async () => {
  new FakeServer({ ...answers(), [`${FUNCTION}/invoke`]: 422 });
  await renderRouted(<FunctionScreen />);
  await screen.findByRole("heading", { name: "Order" });
  await userEvent.keyboard("i");
  const dialog = await screen.findByRole("dialog", { name: "Invoke Order" });
  await userEvent.click(within(dialog).getByRole("button", { name: "Invoke" }));
  expect(await within(dialog).findByRole("alert")).toHaveTextContent("The store is away");
});

test("one that is paused is resumed, and says how it is paused", async () => {
  const all = answers();
  all[FUNCTION] = { ...(all[FUNCTION] as object), isPaused: true };
  all["/v2/functions/shop-order/resume"] = { function: "shop-order" };
  all["/v2/functions/shop-order/flow"] = {
    ...(all["/v2/functions/shop-order/flow"] as object),
    pause: { newRuns: "queue", running: "finish", reason: "the bank", pausedAt: "2026-11-28T00:00:00Z" },
  };
  const server = new FakeServer(all);
  await renderRouted(<FunctionScreen />);
  const why = await screen.findByRole("region", { name: "Why is it not running?" });
  await waitFor(() =>
    expect(why).toHaveTextContent(/Paused .*“the bank”. New runs wait until it is resumed/),
  );
  await userEvent.click(screen.getByRole("button", { name: "Resume" }));
  await waitFor(() => expect(server.of("/v2/functions/shop-order/resume")).toHaveLength(1));
});
