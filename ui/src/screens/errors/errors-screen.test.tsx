import { act, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test } from "vitest";
import { FakeServer, fakeLive, tell } from "../../api/testing";
import { expectAccessible, renderRouted } from "../../kit/testing";
import { ErrorsScreen } from "./errors-screen";

const group = (id: string, values: object = {}) => ({
  id,
  functionId: "f",
  function: "shop-pay",
  status: "open",
  name: "TypeError",
  message: `message of ${id}`,
  runs: 1234,
  lastRunId: "r",
  firstSeen: "2026-11-29T00:00:00Z",
  lastSeen: "2026-11-29T01:00:00Z",
  ...values,
});

const answers = () => ({
  "/v2/errors": [group("a"), group("b", { step: "charge", isBack: true })] as unknown,
  "/v2/apps": [{ id: "shop" }],
  "/v2/apps/shop/functions": [{ id: "pay", name: "Pay", slug: "shop-pay", app: { id: "shop" } }],
});

beforeEach(() => {
  fakeLive();
  // jsdom has no scrolling.
  Element.prototype.scrollTo = () => undefined;
});

test("each group tells what it says, where it is from, and what was decided", async () => {
  new FakeServer(answers());
  const { container } = await renderRouted(<ErrorsScreen />);
  await screen.findByRole("link", { name: "message of a" });
  const [first, second] = screen.getAllByRole("row").slice(1);
  expect(within(first as HTMLElement).getByRole("link", { name: "message of a" })).toHaveAttribute(
    "href",
    expect.stringMatching(/errors\/a$/),
  );
  expect(within(first as HTMLElement).getByRole("link", { name: "Pay" })).toBeInTheDocument();
  expect(first).toHaveTextContent("1,234");
  expect(second).toHaveTextContent("Back");
  expect(second).toHaveTextContent("step charge");
  await expectAccessible(container);
});

test("what is shown is in the URL, and asked for", async () => {
  const server = new FakeServer(answers());
  const { router } = await renderRouted(<ErrorsScreen />, { path: "/?status=all" });
  await screen.findByRole("link", { name: "message of a" });
  expect(server.of("/v2/errors")[0]?.params["status"]).toBeUndefined();
  await userEvent.click(screen.getByRole("button", { name: "Ignored" }));
  await userEvent.selectOptions(screen.getByLabelText("Function"), "Pay");
  expect(router.state.location.search).toEqual({ status: "ignored", function: "shop-pay" });
  await waitFor(() =>
    expect(server.of("/v2/errors").at(-1)?.params).toMatchObject({
      status: "ignored",
      functionId: "shop-pay",
    }),
  );
});

test("a server that fails is no empty list", async () => {
  new FakeServer({ ...answers(), "/v2/errors": 503 });
  await renderRouted(<ErrorsScreen />);
  expect(await screen.findByRole("alert")).toHaveTextContent("The store is away");
  expect(screen.queryByText("No error is open")).not.toBeInTheDocument();
});

test("when none is open, the others are a step away", async () => {
  new FakeServer({ ...answers(), "/v2/errors": { data: undefined, page: { limit: 100 } } });
  const { router } = await renderRouted(<ErrorsScreen />);
  expect(await screen.findByText("No error is open")).toBeInTheDocument();
  await userEvent.click(screen.getByRole("button", { name: "Show all errors" }));
  expect(router.state.location.search).toEqual({ status: "all" });
});

test("what changed is shown at once, and waits while somebody is at the rows", async () => {
  const server = new FakeServer(answers());
  await renderRouted(<ErrorsScreen />);
  const link = await screen.findByRole("link", { name: "message of a" });
  act(() => link.focus());
  await tell("errors", [{ id: "a" }]);
  expect(server.of("/v2/errors")).toHaveLength(1);
  await userEvent.click(screen.getByRole("button", { name: "Errors have changed since" }));
  await waitFor(() => expect(server.of("/v2/errors")).toHaveLength(2));
  expect(screen.queryByRole("button", { name: "Errors have changed since" })).not.toBeInTheDocument();
  act(() => link.blur());
  await tell("errors", [{ id: "a" }]);
  await waitFor(() => expect(server.of("/v2/errors")).toHaveLength(3));
});

test("each tells when it was seen, and is decided about where it is", async () => {
  const counts = { from: "2026-11-28T02:00:00Z", bucket: "1h", runs: [0, 3, 1] };
  const server = new FakeServer({
    ...answers(),
    "/v2/errors": [group("a", { counts }), group("b", { status: "resolved" })],
    "/v2/errors/a/resolve": group("a", { status: "resolved" }),
    "/v2/errors/a/ignore": group("a", { status: "ignored" }),
    "/v2/errors/b/reopen": group("b"),
  });
  await renderRouted(<ErrorsScreen />);
  expect(await screen.findByRole("img", { name: "Runs by hour: 4 in 24 hours" })).toBeVisible();
  expect(server.of("/v2/errors")[0]?.params).toMatchObject({ counts: "24h" });
  await userEvent.click(screen.getByRole("button", { name: "Resolve message of a" }));
  await waitFor(() => expect(server.of("/v2/errors/a/resolve")).toMatchObject([{ method: "POST" }]));
  await userEvent.click(screen.getByRole("button", { name: "Ignore message of a" }));
  await userEvent.click(await screen.findByRole("menuitem", { name: "For a day" }));
  await waitFor(() => expect(server.of("/v2/errors/a/ignore")).toMatchObject([{ body: { until: "24h" } }]));
  await userEvent.click(screen.getByRole("button", { name: "Reopen message of b" }));
  await waitFor(() => expect(server.of("/v2/errors/b/reopen")).toHaveLength(1));
});
