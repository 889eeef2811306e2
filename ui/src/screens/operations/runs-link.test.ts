import { expect, test } from "vitest";
import type { Operation } from "../../api/types";
import { runsSearch } from "./runs-link";

const of = (kind: Operation["kind"], filter: Record<string, unknown>) =>
  runsSearch({ kind, filter } as Operation);

test("the filter as the URL of the list has it", () =>
  expect(
    of("replay", { status: ["FAILED"], isDeferred: false, attributes: { tenant: "acme" }, search: "true" }),
  ).toEqual({ status: ["FAILED"], isDeferred: "false", "attr.tenant": "acme", search: "true" }));

test("what was cancelled is not running any more", () =>
  expect(of("cancel", { status: ["RUNNING"], appId: ["shop"] })).toEqual({
    status: ["CANCELLED"],
    appId: ["shop"],
  }));
