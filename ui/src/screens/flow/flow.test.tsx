import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { LimitRow } from "./limits";
import { expectAccessible, renderSized } from "../../kit/testing";
import { OverrideDialog } from "./override-dialog";
import { PauseDialog } from "./pause-dialog";

const asked: { url: string; method: string | undefined; body: unknown }[] = [];

beforeEach(() => {
  asked.length = 0;
  vi.stubGlobal("fetch", (url: string, init: RequestInit = {}) => {
    asked.push({ url, method: init.method, body: init.body && JSON.parse(String(init.body)) });
    return Promise.resolve(new Response(JSON.stringify({ data: {} })));
  });
});
afterEach(() => vi.unstubAllGlobals());

const show = (dialog: React.ReactNode) =>
  renderSized(<QueryClientProvider client={new QueryClient()}>{dialog}</QueryClientProvider>);

test("a function is paused as it was chosen, and why is said", async () => {
  const close = vi.fn();
  show(<PauseDialog slug="shop-pay" onClose={close} />);
  await expectAccessible(screen.getByRole("dialog"));
  await userEvent.click(screen.getByRole("radio", { name: /Skip them/ }));
  await userEvent.click(screen.getByRole("radio", { name: /Cancel them/ }));
  await userEvent.type(screen.getByLabelText("Reason"), " the bank is down ");
  await userEvent.click(screen.getByRole("button", { name: "Pause, and cancel its runs" }));
  await waitFor(() => expect(close).toHaveBeenCalled());
  expect(asked).toEqual([
    {
      url: "/v2/functions/shop-pay/pause",
      method: "POST",
      body: { newRuns: "skip", running: "cancel", reason: "the bank is down" },
    },
  ]);
});

const ROW: LimitRow = {
  name: "throttle",
  code: { value: 5, period: "1m" },
  expression: "event.data.tenant",
  keyOverrides: [],
  keys: 0,
  fullKeys: 0,
};

test("a limit is set beside the code for one key, once it is right", async () => {
  const close = vi.fn();
  show(<OverrideDialog slug="shop-pay" row={ROW} onClose={close} />);
  await expectAccessible(screen.getByRole("dialog"));
  const value = screen.getByLabelText("How many in a period");
  expect(value).toHaveValue("5");
  await userEvent.clear(value);
  await userEvent.click(screen.getByRole("button", { name: "Set it" }));
  expect(screen.getByRole("alert")).toHaveTextContent("A number from 1 on");
  expect(asked).toEqual([]);
  await userEvent.type(value, "30");
  await userEvent.type(screen.getByLabelText("Only for the key"), "acme");
  await userEvent.type(screen.getByLabelText("For how long"), "2h");
  await userEvent.click(screen.getByRole("button", { name: "Set it" }));
  await waitFor(() => expect(close).toHaveBeenCalled());
  expect(asked).toEqual([
    {
      url: "/v2/functions/shop-pay/overrides/throttle",
      method: "PUT",
      body: { value: 30, key: "acme", expiresIn: "2h" },
    },
  ]);
});

test("a limit is made lower only once the name of the function was typed", async () => {
  show(<OverrideDialog slug="shop-pay" row={ROW} onClose={() => undefined} />);
  const value = screen.getByLabelText("How many in a period");
  await userEvent.clear(value);
  await userEvent.type(value, "2");
  const set = screen.getByRole("button", { name: "Set it" });
  expect(set).toBeDisabled();
  await userEvent.type(screen.getByLabelText("Type shop-pay to make it lower"), "shop-pay");
  await userEvent.click(set);
  await waitFor(() => expect(asked).toMatchObject([{ body: { value: 2 } }]));
});
