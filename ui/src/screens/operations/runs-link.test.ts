import { expect, test } from "vitest";
import type { Operation } from "../../api/types";
import { runsSearch } from "./runs-link";

const of = (kind: Operation["kind"], filter: Record<string, unknown>) =>
  runsSearch({ kind, filter, createdAt: "2026-01-01T00:00:00.000Z" } as Operation);

test("the filter as the URL of the list has it", () =>
  expect(
    of("replay", { status: ["FAILED"], isDeferred: false, attributes: { tenant: "acme" }, search: "true" }),
  ).toEqual({
    status: ["FAILED"],
    isDeferred: "false",
    "attr.tenant": "acme",
    search: "true",
    until: "2026-01-01T00:00:00.000Z",
  }));

test("what was cancelled is not running any more", () =>
  expect(of("cancel", { status: ["RUNNING"], appId: ["shop"] })).toEqual({
    status: ["CANCELLED"],
    appId: ["shop"],
    until: "2026-01-01T00:00:00.000Z",
  }));
