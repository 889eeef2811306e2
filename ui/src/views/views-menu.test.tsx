import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test } from "vitest";
import { FakeServer, fakeLive } from "../api/testing";
import { expectAccessible, renderRouted } from "../kit/testing";
import { settings } from "../settings";
import { ViewsMenu } from "./views-menu";

const total = { scheduled: 9, started: 9, completed: 3, failed: 5, cancelled: 1, skipped: 0 };
const answers = () => ({
  "/v2/metrics/runs": { bucket: "1h", from: "", until: "", buckets: [], total },
  "/v2/flow": [{ functionId: "f", function: "shop-pay", backlog: 7 }],
});

beforeEach(() => {
  fakeLive();
  settings.set("views", "[]");
});

const open = async (name = "Views") => userEvent.click(screen.getByRole("button", { name }));

test("views are links, with how many there are where that is known", async () => {
  new FakeServer(answers());
  const { router } = await renderRouted(<ViewsMenu />);
  await open();
  expect(await screen.findByRole("menuitem", { name: /^Failed in 24 hours ?5$/ })).toBeVisible();
  expect(await screen.findByRole("menuitem", { name: /^Calls that wait ?7$/ })).toBeVisible();
  expect(screen.getByRole("menuitem", { name: "Skipped in 24 hours" })).toBeVisible();
  await expectAccessible(screen.getByRole("menu"));
  await userEvent.click(screen.getByRole("menuitem", { name: "Running for over an hour" }));
  expect(router.state.location.pathname).toMatch(/runs$/);
  expect(router.state.location.search).toMatchObject({ status: "RUNNING" });
});

test("what is shown is saved under a name, and is found again until it is removed", async () => {
  new FakeServer(answers());
  const { router } = await renderRouted(<ViewsMenu />, { path: "/?status=FAILED&peek=01R" });
  await open();
  await userEvent.click(screen.getByRole("menuitem", { name: "Save what is shown…" }));
  await userEvent.type(screen.getByLabelText("Name"), "Bad ones{Enter}");
  expect(router.state.location.search).toMatchObject({ status: "FAILED", view: "Bad ones" });
  await router.navigate({ to: "/" });
  await open();
  await userEvent.click(screen.getByRole("menuitem", { name: "Bad ones" }));
  expect(router.state.location.search).toEqual({ status: "FAILED", view: "Bad ones" });
  await open("Bad ones");
  await userEvent.click(screen.getByRole("menuitem", { name: "Remove this view" }));
  expect(settings.get("views")).toBe("[]");
  expect(router.state.location.search).toEqual({ status: "FAILED" });
});

test("a link of another browser's view is saved under its name", async () => {
  new FakeServer(answers());
  await renderRouted(<ViewsMenu />, { path: "/?status=SKIPPED&view=Theirs" });
  await open("Theirs");
  expect(screen.queryByRole("menuitem", { name: "Remove this view" })).not.toBeInTheDocument();
  await userEvent.click(screen.getByRole("menuitem", { name: "Save what is shown…" }));
  expect(screen.getByLabelText("Name")).toHaveValue("Theirs");
});
