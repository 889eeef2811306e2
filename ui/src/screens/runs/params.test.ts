import { describe, expect, test } from "vitest";
import type { Run } from "../../api/types";
import {
  belongs,
  filterBody,
  filterParams,
  isFiltered,
  readFilter,
  writeFilter,
  type RunFilter,
} from "./params";

const FULL: RunFilter = {
  status: ["FAILED", "CANCELLED"],
  appId: ["shop"],
  functionId: ["shop-import"],
  eventName: "shop/paid",
  key: "acme",
  errorGroup: "ff",
  operation: "01OP",
  isDeferred: "false",
  since: "1h",
  timeField: "endedAt",
  attributes: { tenant: "acme", plan: "free" },
  search: "event.data.amount > 10",
};

test("nothing in the URL is no filter", () => {
  const filter = readFilter({ other: "x", status: "PURPLE", timeField: "queuedAt", isDeferred: "maybe" });
  expect(filter).toEqual({});
  expect(isFiltered(filter)).toBe(false);
  expect(filterParams(filter)).toEqual({});
});

test("what is written is read again", () => expect(readFilter(writeFilter(FULL))).toEqual(FULL));

test("which time is meant is no filter without a time", () =>
  expect(isFiltered({ timeField: "endedAt" })).toBe(false));

test("all of it, as the list takes it", () =>
  expect(filterParams(FULL)).toEqual({
    status: ["FAILED", "CANCELLED"],
    appId: ["shop"],
    functionId: ["shop-import"],
    eventName: "shop/paid",
    key: "acme",
    errorGroup: "ff",
    operation: "01OP",
    isDeferred: "false",
    from: "1h",
    timeField: "endedAt",
    "attr.tenant": "acme",
    "attr.plan": "free",
    search: "event.data.amount > 10",
  }));

test("as an operation takes it, attributes are an object and flags are no texts", () => {
  const body = filterBody(FULL);
  expect(body).toMatchObject({ attributes: { tenant: "acme", plan: "free" }, isDeferred: false, from: "1h" });
  expect(body).not.toHaveProperty("since");
});

describe("what is told belongs to the list", () => {
  const run: Run = {
    id: "r",
    function: { id: "import", name: "Import", app: { id: "shop" } },
    app: { id: "shop" },
    status: "RUNNING",
    queuedAt: "2026-11-29T01:00:00Z",
    trigger: { eventName: "shop/paid" },
    attributes: { tenant: "acme" },
  };
  test.each<[RunFilter, boolean | undefined]>([
    [{}, true],
    [{ status: ["RUNNING"] }, true],
    [{ status: ["FAILED"] }, false],
    [{ functionId: ["shop-import"] }, true],
    [{ functionId: ["import"] }, true],
    [{ functionId: ["export"] }, false],
    [{ appId: ["crm"] }, false],
    [{ eventName: "shop/placed" }, false],
    [{ attributes: { tenant: "acme" } }, true],
    [{ attributes: { tenant: "globex" } }, false],
    [{ until: "2026-11-29T02:00:00Z" }, false],
    [{ since: "1h" }, true],
    [{ search: "true" }, undefined],
    [{ key: "acme", status: ["FAILED"] }, false],
  ])("%j: %s", (filter, expected) => expect(belongs(filter, run, () => "shop-import")).toBe(expected));

  test("a run that is skipped is not queued", () => {
    const skipped: Run = { ...run, status: "QUEUED", isSkipped: true };
    expect(belongs({ status: ["SKIPPED"] }, skipped, () => "")).toBe(true);
    expect(belongs({ status: ["QUEUED"] }, skipped, () => "")).toBe(false);
  });
});
