import { act, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test } from "vitest";
import { FakeServer, fakeLive, tell } from "../../api/testing";
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

beforeEach(() => {
  fakeLive();
  // jsdom has no scrolling.
  Element.prototype.scrollTo = () => undefined;
});

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

test("what is asked for is in the URL, and the server looks for it", async () => {
  const server = new FakeServer(answers());
  const { router } = await renderRouted(<AuditScreen />);
  await screen.findByRole("button", { name: /Set a limit/ });
  await userEvent.selectOptions(screen.getByLabelText("What was done"), "Cancelled a run");
  await screen.findByRole("option", { name: "Pay" });
  await userEvent.selectOptions(screen.getByLabelText("Function"), "Pay");
  await userEvent.type(screen.getByLabelText("Who did it, or to which run"), "ann{Enter}");
  expect(router.state.location.search).toEqual({ action: "run.cancel", function: "shop-pay", actor: "ann" });
  await waitFor(() =>
    expect(server.of("/v2/audit").at(-1)?.params).toMatchObject({
      action: "run.cancel",
      functionId: "shop-pay",
      actor: "ann",
    }),
  );
  await userEvent.click(screen.getByRole("button", { name: "Older entries" }));
  await waitFor(() =>
    expect(server.of("/v2/audit").at(-1)?.params).toMatchObject({ cursor: "01B", actor: "ann" }),
  );
});

test("what is done is shown at once, and waits while somebody is at the rows", async () => {
  const server = new FakeServer(answers());
  await renderRouted(<AuditScreen />);
  const opener = await screen.findByRole("button", { name: /Set a limit/ });
  await tell("audit", [{ id: "01D" }]);
  await waitFor(() => expect(server.of("/v2/audit")).toHaveLength(2));
  act(() => opener.focus());
  await tell("audit", [{ id: "01E" }]);
  await userEvent.click(await screen.findByRole("button", { name: "More was done since" }));
  await waitFor(() => expect(server.of("/v2/audit")).toHaveLength(3));
});

test("nothing was done is not the same as nothing fits", async () => {
  const all = answers();
  all["/v2/audit"] = { data: undefined, page: { limit: 100 } };
  new FakeServer(all);
  await renderRouted(<AuditScreen />);
  expect(await screen.findByText("Nobody has done anything yet")).toBeInTheDocument();
});
