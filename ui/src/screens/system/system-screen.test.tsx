import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test } from "vitest";
import { FakeServer, fakeLive } from "../../api/testing";
import { expectAccessible, renderRouted } from "../../kit/testing";
import { SystemScreen } from "./system-screen";

const METRICS = `everstep_calls_in_flight 12
inngest_queue_depth 31
everstep_commit_failures_total 2
everstep_commit_seconds_bucket{le="0.001"} 60
everstep_commit_seconds_bucket{le="+Inf"} 100
`;
const storage = (values: object = {}) => ({
  fileBytes: 2_000_000,
  usedBytes: 1_500_000,
  classes: { runs: { rows: 10, bytes: 900_000 }, live: { rows: 2, bytes: 100_000 } },
  tables: Array.from({ length: 10 }, (_, i) => ({ table: `table_${i}`, rows: i, bytes: i * 1000 })),
  retention: { runs: "4w2d", events: null, traces: "1d", sizeBytes: 10_000_000_000 },
  removedRows: 7,
  lookedAt: "2026-11-29T00:00:00Z",
  ...values,
});
const answers = () => ({
  "/metrics": METRICS,
  "/dev": JSON.stringify({ version: "1.2.3", apps: [], startOpts: { persist: false, queue_workers: 500 } }),
  "/v2/system/storage": storage() as unknown,
  "/v2/system": {
    version: "1.2.3",
    startedAt: "2026-11-29T00:00:00Z",
    uptimeMs: 1000,
    limits: { callsInFlight: 500, eventBytes: 3_000_000, sleepMs: 31_536_000_000, unheardOf: 1 },
  },
});

beforeEach(fakeLive);

test("what it does now, how it was started, what it keeps", async () => {
  new FakeServer(answers());
  const { container } = await renderRouted(<SystemScreen />);
  expect(await screen.findByText("31")).toBeInTheDocument();
  expect(screen.getByText("≤ 1 ms")).toBeInTheDocument();
  expect(await screen.findByText("1.2.3")).toBeInTheDocument();
  expect(screen.getByText("In memory: gone when it stops")).toBeInTheDocument();
  expect(screen.getByText("Running since")).toBeInTheDocument();
  const limit = (await screen.findByText("An event has")).nextSibling;
  expect(limit).toHaveTextContent("3.00 MB");
  expect(screen.queryByText("unheardOf")).not.toBeInTheDocument();
  expect(await screen.findByText("30 days")).toBeInTheDocument();
  expect(screen.getByText("For ever")).toBeInTheDocument();
  expect(screen.getByText("Up to 10.0 GB")).toBeInTheDocument();
  expect(screen.getByText("90 %")).toBeInTheDocument();
  await expectAccessible(container);
});

test("the largest tables first, and the others if it is asked for", async () => {
  new FakeServer(answers());
  await renderRouted(<SystemScreen />);
  expect(await screen.findByText("table_9")).toBeInTheDocument();
  expect(screen.queryByText("table_0")).not.toBeInTheDocument();
  await userEvent.click(screen.getByRole("button", { name: "All 10 tables" }));
  expect(screen.getByText("table_0")).toBeInTheDocument();
});

test("what is too large to be measured is measured if it is asked for", async () => {
  const all = answers();
  all["/v2/system/storage"] = storage({ classes: null, tables: null });
  const server = new FakeServer(all);
  await renderRouted(<SystemScreen />);
  const measure = await screen.findByRole("button", { name: "Measure it" });
  expect(screen.queryByText("90 %")).not.toBeInTheDocument();
  all["/v2/system/storage"] = storage();
  await userEvent.click(measure);
  expect(await screen.findByText("90 %")).toBeInTheDocument();
  expect(server.of("/v2/system/storage").at(-1)?.params).toEqual({ measure: "true" });
});

test("each part that fails says so, and the others stand", async () => {
  new FakeServer({ ...answers(), "/metrics": 500 });
  await renderRouted(<SystemScreen />);
  expect(await screen.findByText("The figures could not be loaded")).toBeInTheDocument();
  await waitFor(() => expect(screen.getByText("30 days")).toBeInTheDocument());
});
