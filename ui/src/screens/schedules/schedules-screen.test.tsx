import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test } from "vitest";
import { FakeServer, fakeLive, tell } from "../../api/testing";
import { expectAccessible, renderRouted } from "../../kit/testing";
import { SchedulesScreen } from "./schedules-screen";

const HOUR = 3_600_000;
const later = (hours: number) => new Date(Date.now() + hours * HOUR + 30_000).toISOString();
const schedule = (name: string, values: object = {}) => ({
  function: { id: name, name, slug: `shop-${name}`, app: { id: "shop" } },
  cron: "*/5 * * * *",
  timeZone: "UTC",
  ...values,
});

const answers = () => ({
  "/v2/schedules": [
    schedule("Backup", { nextAt: [later(1), later(2)] }),
    schedule("Archive", {
      cron: "TZ=Europe/Berlin 0 9 * * 1",
      timeZone: "Europe/Berlin",
      nextAt: [later(3)],
      isPaused: true,
      lastRun: {
        id: "01RUN",
        status: "FAILED",
        function: { id: "a", name: "a", app: { id: "shop" } },
        app: { id: "shop" },
        queuedAt: later(-1),
        trigger: {},
      },
    }),
  ] as unknown,
  "/v2/functions/shop-Archive/resume": { pause: null },
});

beforeEach(fakeLive);

test("in words, when it comes next, how it went last", async () => {
  new FakeServer(answers());
  const { container } = await renderRouted(<SchedulesScreen />);
  const first = (await screen.findByText("At 09:00, only on Monday")).closest("tr") as HTMLElement;
  expect(first).toHaveTextContent("Paused");
  expect(first).toHaveTextContent("Europe/Berlin");
  expect(within(first).getByRole("link", { name: /Failed/ })).toHaveAttribute(
    "href",
    expect.stringMatching(/runs\/01RUN$/),
  );
  const second = screen.getByText("Every 5 minutes").closest("tr");
  expect(second).toHaveTextContent("in 1h");
  expect(second).toHaveTextContent("none of late");
  await expectAccessible(container);
});

test("by function, or by what comes next", async () => {
  new FakeServer(answers());
  const { router } = await renderRouted(<SchedulesScreen />);
  await screen.findByText("Every 5 minutes");
  const names = () => screen.getAllByRole("link", { name: /^(Backup|Archive)$/ }).map((it) => it.textContent);
  expect(names()).toEqual(["Archive", "Backup"]);
  await userEvent.click(screen.getByRole("button", { name: "By what comes next" }));
  expect(names()).toEqual(["Backup", "Archive"]);
  expect(router.state.location.search).toEqual({ order: "next" });
});

test("opened, one that is paused can be resumed", async () => {
  const server = new FakeServer(answers());
  const { container } = await renderRouted(<SchedulesScreen />);
  await userEvent.click(await screen.findByRole("button", { name: /At 09:00/ }));
  await expectAccessible(container);
  await userEvent.click(screen.getByRole("button", { name: "Resume" }));
  await waitFor(() =>
    expect(server.of("/v2/functions/shop-Archive/resume")).toMatchObject([{ method: "POST" }]),
  );
});

test("only runs of schedules are a reason to read again", async () => {
  const server = new FakeServer(answers());
  await renderRouted(<SchedulesScreen />);
  await screen.findByText("Every 5 minutes");
  await tell("runs", [{ id: "r", trigger: { eventName: "shop/paid" } }]);
  expect(server.of("/v2/schedules")).toHaveLength(1);
  await tell("runs", [{ id: "r", trigger: { cronSchedule: "*/5 * * * *" } }]);
  await waitFor(() => expect(server.of("/v2/schedules")).toHaveLength(2));
});

test("without schedules it says how there would be some", async () => {
  const all = answers();
  all["/v2/schedules"] = { data: undefined, page: { limit: 40 } };
  new FakeServer(all);
  await renderRouted(<SchedulesScreen />);
  expect(await screen.findByText("No function runs by the clock")).toBeInTheDocument();
});
