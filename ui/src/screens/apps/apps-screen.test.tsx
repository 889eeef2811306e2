import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test } from "vitest";
import { FakeServer, fakeLive } from "../../api/testing";
import { expectAccessible, renderRouted } from "../../kit/testing";
import { AppsScreen } from "./apps-screen";

const ERROR = { code: "unreachable", message: "nothing listens there", hint: "start the app" };
const URL = "http://localhost:3000/api/inngest";

const answers = (): Record<string, unknown> => ({
  "/v2/apps": [
    {
      id: "shop",
      name: "shop",
      method: "SERVE",
      functionCount: 6,
      latestSync: { status: "SUCCESS", syncedAt: "2026-11-28T00:00:00Z", sdkLanguage: "js", url: URL },
    },
  ],
  "/dev": JSON.stringify({ apps: [{ url: URL, name: "shop", state: "failing", error: ERROR }] }),
  "/v2/apps/probe": {
    url: URL,
    isPassed: false,
    stages: [
      { name: "dns", status: "passed", detail: "127.0.0.1" },
      { name: "tcp", status: "failed", error: ERROR },
    ],
  },
});

beforeEach(fakeLive);

test("an app that fails says why, and what helps", async () => {
  new FakeServer(answers());
  const { container } = await renderRouted(<AppsScreen />);
  const row = await screen.findByRole("row", { name: /shop/ });
  expect(row).toHaveTextContent("Failing");
  expect(screen.getByText("Nothing listens there.")).toBeVisible();
  expect(screen.getByText("Start the app.")).toBeVisible();
  await expectAccessible(container);
});

test("a URL is looked at without being added", async () => {
  const server = new FakeServer(answers());
  await renderRouted(<AppsScreen />);
  await userEvent.click(await screen.findByRole("button", { name: "Add app" }));
  await userEvent.type(screen.getByRole("textbox", { name: "URL" }), "localhost:3000/api/inngest");
  await userEvent.click(screen.getByRole("button", { name: "Only check it" }));
  const report = await screen.findByRole("region", { name: "What was found" });
  expect(
    within(report)
      .getAllByRole("listitem")
      .map((it) => it.textContent),
  ).toEqual([
    "The name has an address127.0.0.1",
    "Something listensNothing listens there.unreachableStart the app.",
    "It answers",
    "It is an app",
    "It talks to this server",
    "It has functions",
  ]);
  expect(server.asked.filter(({ path, method }) => path === "/v2/apps" && method === "POST")).toEqual([]);
  await expectAccessible(document.body);
});

test("one that is added and does not answer is told of, with what was found", async () => {
  const all = answers();
  const server = new FakeServer(all);
  await renderRouted(<AppsScreen />);
  await userEvent.click(await screen.findByRole("button", { name: "Add app" }));
  await userEvent.click(screen.getByRole("button", { name: "Add" }));
  expect(screen.getByRole("alert")).toHaveTextContent("Where is it?");
  await userEvent.type(screen.getByRole("textbox", { name: "URL" }), "localhost:3000");
  all["/v2/apps"] = { data: { status: "error", url: URL, error: ERROR } };
  await userEvent.click(screen.getByRole("button", { name: "Add" }));
  expect(await screen.findByText(/It is added, but could not be synced/)).toBeVisible();
  expect(await screen.findByRole("region", { name: "What was found" })).toBeVisible();
  await waitFor(() =>
    expect(server.of("/v2/apps").filter(({ method }) => method === "POST")).toMatchObject([
      { body: { url: "localhost:3000" } },
    ]),
  );
});

test("apps that were removed are a step away", async () => {
  const all = answers();
  const server = new FakeServer(all);
  const { router } = await renderRouted(<AppsScreen />);
  await screen.findByRole("button", { name: "Add app" });
  all["/v2/apps"] = [
    {
      id: "old",
      name: "Old",
      method: "SERVE",
      createdAt: "2026-11-01T00:00:00Z",
      archivedAt: "2026-11-20T00:00:00Z",
    },
  ];
  await userEvent.click(screen.getByRole("button", { name: "Archived" }));
  expect(router.state.location.search).toEqual({ archived: "yes" });
  expect(await screen.findByRole("link", { name: "Runs of Old" })).toHaveAttribute(
    "href",
    expect.stringMatching(/runs\?appId=old$/),
  );
  expect(server.of("/v2/apps").at(-1)?.params).toMatchObject({ archived: "true" });
});
