import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test } from "vitest";
import { FakeServer, fakeLive } from "../../api/testing";
import { expectAccessible, renderRouted } from "../../kit/testing";
import { AuditScreen } from "./audit-screen";

const entry = (id: string, action: string, values: object = {}) => ({
  id,
  at: "2026-11-29T00:00:00Z",
  action,
  target: {},
  ...values,
});

const answers = () => ({
  "/v2/audit": {
    data: [
      entry("01C", "limit.override", {
        actor: "ann",
        reason: "Black Friday",
        target: { functionSlug: "shop-pay" },
        detail: { limit: "throttle", value: 30, reason: "Black Friday" },
      }),
      entry("01B", "run.cancel", { actor: "bob", target: { runId: "01RUN" } }),
    ],
    page: { limit: 100, hasMore: true, cursor: "01B" },
  } as unknown,
  "/v2/apps": [{ id: "shop" }],
  "/v2/apps/shop/functions": [{ id: "pay", name: "Pay", slug: "shop-pay", app: { id: "shop" } }],
});

beforeEach(fakeLive);

test("who did what to what, and why; opened, all that the entry says", async () => {
  new FakeServer(answers());
  const { container } = await renderRouted(<AuditScreen />);
  const opener = await screen.findByRole("button", { name: /Set a limit/ });
  expect(await screen.findByRole("link", { name: "Pay" })).toHaveAttribute(
    "href",
    expect.stringMatching(/functions\/shop\/pay$/),
  );
  expect(screen.getByRole("link", { name: "run 01RUN" })).toBeInTheDocument();
  expect(screen.getByText("limit: throttle, value: 30")).toBeInTheDocument();
  await userEvent.click(opener);
  expect(screen.getByLabelText("Details")).toHaveTextContent('"value": 30');
  await expectAccessible(container);
});

test("a filter says how far it looked, and looks further back", async () => {
  const all = answers();
  const server = new FakeServer(all);
  const { router } = await renderRouted(<AuditScreen />);
  await screen.findByRole("button", { name: /Set a limit/ });
  await userEvent.selectOptions(screen.getByLabelText("What was done"), "Cancelled a run");
  expect(router.state.location.search).toEqual({ action: "run.cancel" });
  expect(screen.queryByRole("button", { name: /Set a limit/ })).not.toBeInTheDocument();
  expect(screen.getByText(/^1 of 2 entries, looked back to/)).toBeInTheDocument();
  all["/v2/audit"] = { data: [entry("01A", "run.cancel")], page: { limit: 100 } };
  await userEvent.click(screen.getByRole("button", { name: "Look further back" }));
  expect(await screen.findByText("2 of 3 entries.")).toBeInTheDocument();
  expect(server.of("/v2/audit").at(-1)?.params["cursor"]).toBe("01B");
});

test("who and why is searched for", async () => {
  new FakeServer(answers());
  const { router } = await renderRouted(<AuditScreen />);
  await userEvent.type(await screen.findByLabelText("Who, why, or to what"), "friday{Enter}");
  await waitFor(() => expect(router.state.location.search).toEqual({ text: "friday" }));
  expect(screen.getByRole("button", { name: /Set a limit/ })).toBeInTheDocument();
  expect(screen.queryByRole("link", { name: "run 01RUN" })).not.toBeInTheDocument();
});

test("nothing was done is not the same as nothing fits", async () => {
  const all = answers();
  all["/v2/audit"] = { data: undefined, page: { limit: 100 } };
  new FakeServer(all);
  await renderRouted(<AuditScreen />);
  expect(await screen.findByText("Nobody has done anything yet")).toBeInTheDocument();
});
