import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { OperationPreview } from "../api/types";
import { expectAccessible, renderRouted } from "../kit/testing";
import { BulkDialog } from "./bulk-dialog";
import type { BulkFilter, Kind } from "./wish";

const RUN = {
  id: "01M8K04H7X0A1S7ZWV8FSR80EY",
  function: { id: "pay", name: "Pay", app: { id: "shop" } },
  app: { id: "shop" },
  status: "FAILED",
  queuedAt: "2026-11-29T06:00:00.000Z",
  trigger: {},
} as const;

interface Sent {
  path: string;
  body: Record<string, unknown>;
}

let sent: Sent[];
let preview: Partial<OperationPreview>;

beforeEach(() => {
  sent = [];
  preview = { words: "", count: 2, isExact: true, sample: [RUN] };
  vi.stubGlobal("fetch", async (path: string, init: RequestInit) => {
    sent.push({ path, body: JSON.parse(String(init.body)) as Record<string, unknown> });
    const data = path.endsWith("/preview") ? preview : { id: "01OPERATION" };
    return new Response(JSON.stringify({ data }));
  });
});
afterEach(() => vi.unstubAllGlobals());

async function open(filter: BulkFilter, kinds: [Kind, ...Kind[]] = ["resume", "replay"]) {
  const onStarted = vi.fn();
  const onClose = vi.fn();
  const dialog = (
    <BulkDialog
      title="Run again"
      description="All failed runs."
      kinds={kinds}
      filter={filter}
      onClose={onClose}
      onStarted={onStarted}
    />
  );
  await renderRouted(dialog);
  return { onStarted, onClose };
}

const start = (name: RegExp) => screen.findByRole("button", { name });

test("it is shown which runs would be meant, and what is asked for is sent", async () => {
  const { onStarted, onClose } = await open({ status: ["FAILED"] });
  expect(await screen.findByText("2 runs would be resumed")).toBeInTheDocument();
  expect(screen.getByRole("link", { name: RUN.id })).toBeInTheDocument();
  await expectAccessible(document.body);
  await userEvent.type(screen.getByLabelText("Reason"), "the bank is back");
  await userEvent.click(await start(/^Resume 2 runs$/));
  await vi.waitFor(() => expect(onStarted).toHaveBeenCalledWith({ id: "01OPERATION" }));
  expect(onClose).toHaveBeenCalled();
  expect(sent.at(-1)).toEqual({
    path: "/v2/bulk-operations",
    body: {
      kind: "resume",
      filter: { status: ["FAILED"] },
      ratePerSecond: 10,
      stopOnErrorPercent: 20,
      reason: "the bank is back",
    },
  });
});

test("more than a thousand are acted on only once their number was typed", async () => {
  preview = { ...preview, count: 1001 };
  await open({ status: ["FAILED"] });
  const button = await start(/^Resume 1,001 runs$/);
  expect(button).toBeDisabled();
  await userEvent.type(screen.getByLabelText("Type 1,001 to go on"), "1000");
  expect(button).toBeDisabled();
  await userEvent.clear(screen.getByLabelText("Type 1,001 to go on"));
  await userEvent.type(screen.getByLabelText("Type 1,001 to go on"), "1001");
  expect(button).toBeEnabled();
});

test("so are those of which the number is not known", async () => {
  preview = { ...preview, count: 12, isExact: false };
  await open({ search: "true" }, ["cancel"]);
  expect(await screen.findByText("At least 12 runs would be cancelled")).toBeInTheDocument();
  expect(await start(/^Cancel at least 12 runs$/)).toBeDisabled();
});

test("where the filter does not say it, it is chosen which runs are replayed", async () => {
  await open({ eventName: "shop/paid" }, ["replay"]);
  await start(/^Replay 2 runs$/);
  expect(sent.at(-1)?.body).toEqual({
    kind: "replay",
    filter: { eventName: "shop/paid", status: ["FAILED"] },
  });
  await userEvent.click(screen.getByRole("checkbox", { name: "Completed" }));
  await start(/^Replay 2 runs$/);
  expect(sent.at(-1)?.body["filter"]).toMatchObject({ status: ["FAILED", "COMPLETED"] });
  await userEvent.click(screen.getByRole("checkbox", { name: "Completed" }));
  await userEvent.click(screen.getByRole("checkbox", { name: "Failed" }));
  expect(screen.getByText("At least one.")).toBeInTheDocument();
  expect(screen.getByRole("button", { name: /^Replay/ })).toBeDisabled();
});

test("if there is no such run, nothing can be started", async () => {
  preview = { words: "", count: 0, isExact: true };
  await open({ status: ["FAILED"] });
  expect(await screen.findByText("There is no such run")).toBeInTheDocument();
  expect(screen.getByRole("button", { name: /^Resume/ })).toBeDisabled();
});

test("what the server says against it is told", async () => {
  vi.stubGlobal("fetch", async (path: string) =>
    path.endsWith("/preview")
      ? new Response(JSON.stringify({ data: preview }))
      : new Response(JSON.stringify({ errors: [{ code: "limit", message: "20 are under way" }] }), {
          status: 429,
        }),
  );
  const { onStarted } = await open({ status: ["FAILED"] });
  await userEvent.click(await start(/^Resume 2 runs$/));
  expect(await screen.findByText("20 are under way")).toBeInTheDocument();
  expect(onStarted).not.toHaveBeenCalled();
});
