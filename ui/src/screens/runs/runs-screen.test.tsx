import { act, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Run } from "../../api/types";
import { expectAccessible, renderRouted } from "../../kit/testing";
import { settings } from "../../settings";
import { RunsScreen } from ".";

const run = (id: string, changes: Partial<Run> = {}): Run => ({
  id,
  function: { id: "pay", name: `Pay ${id}`, app: { id: "shop" } },
  app: { id: "shop" },
  status: "COMPLETED",
  queuedAt: "2026-11-29T06:00:00.000Z",
  startedAt: "2026-11-29T06:00:01.000Z",
  endedAt: "2026-11-29T06:00:03.500Z",
  trigger: { eventName: "shop/paid", eventIds: ["E1"] },
  ...changes,
});

interface Reply {
  data?: unknown;
  page?: object;
  errors?: { code: string; message: string }[];
}

/** The last of each that was asked for, and what is answered. */
let asked: URL[];
let runs: (url: URL) => Reply;
/** The page has one, from the first test on. */
const sockets: FakeSocket[] = [];

class FakeSocket {
  static OPEN = 1;
  readyState = 1;
  onopen?: () => void;
  onmessage?: (message: { data: string }) => void;
  onclose?: () => void;
  constructor() {
    sockets.push(this);
  }
  send() {}
  close() {}
  tell(rows: Run[]) {
    act(() =>
      this.onmessage?.({ data: JSON.stringify({ topic: "runs", kind: "delta", cursor: "1", data: rows }) }),
    );
  }
}

beforeEach(() => {
  asked = [];
  settings.set("runs.chart", "off");
  runs = () => ({ data: [run("01B"), run("01A", { status: "FAILED" })], page: { limit: 100 } });
  vi.stubGlobal("WebSocket", FakeSocket);
  vi.stubGlobal("fetch", async (path: string, init?: RequestInit) => {
    const url = new URL(path, "http://localhost");
    asked.push(url);
    const answers: Record<string, () => Reply> = {
      "/v2/runs": () => runs(url),
      "/v2/bulk-operations/preview": () => ({ data: { words: "", count: 7, isExact: true } }),
      "/v2/search/validate": () => ({ data: { isValid: !String(init?.body).includes("oops") } }),
    };
    const reply = answers[url.pathname]?.() ?? { data: [], page: { limit: 100 } };
    return new Response(JSON.stringify(reply), { status: reply.errors ? 500 : 200 });
  });
});
afterEach(() => vi.unstubAllGlobals());

const open = (path = "/") => renderRouted(<RunsScreen />, { path, size: { width: 1400, height: 600 } });
const lastRuns = () => asked.filter((url) => url.pathname === "/v2/runs").at(-1)?.search;

test("runs with their state, times and trigger", async () => {
  const { container } = await open();
  const row = (await screen.findByText("Pay 01A")).closest("[role=row]") as HTMLElement;
  expect(within(row).getByText("Failed")).toBeInTheDocument();
  expect(within(row).getByText("shop/paid")).toBeInTheDocument();
  expect(within(row).getByText("1.00 s")).toBeInTheDocument();
  expect(within(row).getByText("2.50 s")).toBeInTheDocument();
  await expectAccessible(container);
});

test("filters are in the URL, and asked for", async () => {
  const { router } = await open("/?functionId=shop-pay");
  await userEvent.click(await screen.findByRole("button", { name: "Failed" }));
  await vi.waitFor(() => expect(lastRuns()).toContain("status=FAILED"));
  expect(router.state.location.search).toEqual({ functionId: "shop-pay", status: "FAILED" });
  await userEvent.type(screen.getByRole("combobox", { name: /Expression/ }), "output == 1");
  await userEvent.keyboard("{Control>}{Enter}{/Control}");
  await vi.waitFor(() => expect(router.state.location.search).toHaveProperty("search", "output == 1"));
  await userEvent.click(screen.getByRole("button", { name: "Clear" }));
  await vi.waitFor(() => expect(router.state.location.search).toEqual({}));
});

test("an expression that is none is not searched with", async () => {
  const { router } = await open();
  await userEvent.type(screen.getByRole("combobox", { name: /Expression/ }), "oops{Enter}");
  await vi.waitFor(() => expect(asked.at(-1)?.pathname).toBe("/v2/search/validate"));
  expect(screen.getByRole("combobox", { name: /Expression/ })).toBeInvalid();
  expect(router.state.location.search).toEqual({});
});

test("why there is none: none at all, or none that fits", async () => {
  runs = () => ({ page: { limit: 100 } });
  await open();
  expect(await screen.findByText("No run was started yet")).toBeInTheDocument();
  const { router } = await open("/?status=FAILED&attr.tenant=acme");
  expect(await screen.findByText(/Looked for failed runs, with tenant acme/)).toBeInTheDocument();
  await userEvent.click(screen.getByRole("button", { name: "Show all runs" }));
  expect(router.state.location.search).toEqual({});
});

test("an error is no empty list", async () => {
  runs = () => ({ errors: [{ code: "api_error", message: "the store is away" }] });
  await open();
  expect(await screen.findByText("the store is away")).toBeInTheDocument();
  expect(screen.queryByText(/No run/)).not.toBeInTheDocument();
});

test("a search says how far back it looked, and goes on when it is told to", async () => {
  const scannedTo = "2026-11-29T05:00:00.000Z";
  runs = (url) =>
    url.searchParams.has("cursor")
      ? { data: [run("019")], page: { limit: 100 } }
      : { data: [run("01B")], page: { limit: 100, hasMore: true, cursor: "c", scannedTo } };
  await open("/?search=true");
  expect(await screen.findByText(/1 found, searched back to/)).toBeInTheDocument();
  await userEvent.click(screen.getByRole("button", { name: "Search further back" }));
  expect(await screen.findByText("Pay 019")).toBeInTheDocument();
  expect(screen.getByText(/These are all 2 for which it holds/)).toBeInTheDocument();
});

test("new runs come by themselves, but wait while somebody goes through the rows", async () => {
  await open();
  await screen.findByText("Pay 01A");
  const socket = sockets.at(-1);
  runs = () => ({ data: [run("01C"), run("01B")], page: { limit: 100 } });
  socket?.tell([run("01C")]);
  expect(await screen.findByText("Pay 01C")).toBeInTheDocument();
  await userEvent.keyboard("j");
  runs = () => ({ data: [run("01D"), run("01C")], page: { limit: 100 } });
  socket?.tell([run("01D"), run("01C", { status: "FAILED" })]);
  expect(await screen.findByRole("button", { name: "1 new" })).toBeInTheDocument();
  expect(screen.queryByText("Pay 01D")).not.toBeInTheDocument();
  expect(await screen.findByText("Failed", { selector: "[role=gridcell] *" })).toBeInTheDocument();
  Element.prototype.scrollTo = () => undefined;
  await userEvent.keyboard("n");
  expect(await screen.findByText("Pay 01D")).toBeInTheDocument();
});

test("what came and does not fit any more is not new", async () => {
  runs = () => ({ data: [run("01A", { status: "RUNNING" })], page: { limit: 100 } });
  await open("/?status=RUNNING");
  await screen.findByText("Pay 01A");
  const socket = sockets.at(-1);
  await userEvent.keyboard("j");
  socket?.tell([run("01B", { status: "RUNNING" }), run("01C", { status: "RUNNING" }), run("01D")]);
  expect(await screen.findByRole("button", { name: "2 new" })).toBeInTheDocument();
  socket?.tell([run("01B")]);
  expect(await screen.findByRole("button", { name: "1 new" })).toBeInTheDocument();
});

test("all that match are acted on by the filter, those that are picked by their ids", async () => {
  const bodies: Record<string, unknown>[] = [];
  const { fetch } = globalThis;
  vi.stubGlobal("fetch", async (path: string, init?: RequestInit) => {
    if (path.endsWith("/preview")) bodies.push(JSON.parse(String(init?.body)) as Record<string, unknown>);
    return fetch(path, init);
  });
  await open("/?status=FAILED&status=RUNNING");
  await screen.findByText("Pay 01A");
  await userEvent.keyboard("jx");
  expect(screen.getByText("1 selected")).toBeInTheDocument();
  await userEvent.click(screen.getByRole("button", { name: "Run again…" }));
  expect(await screen.findByText(/7 runs would be/)).toBeInTheDocument();
  expect(bodies.at(-1)?.["filter"]).toMatchObject({ search: 'run.id in ["01B"]' });
  await userEvent.click(screen.getByRole("button", { name: "Not now" }));
  await userEvent.keyboard("k{Control>}aa{/Control}");
  expect(screen.getByText("All failed or running runs")).toBeInTheDocument();
  await userEvent.click(screen.getByRole("button", { name: "Cancel…" }));
  await vi.waitFor(() => expect(bodies.at(-1)).toEqual({ kind: "cancel", filter: { status: ["RUNNING"] } }));
});
