import { expect, test } from "vitest";
import { commandOf, curlOf } from "./commands";

test("the list as a request", () =>
  expect(curlOf({ status: ["FAILED", "RUNNING"], since: "1h", attributes: { tenant: "o'neil" } })).toBe(
    "curl -s 'http://localhost:3000/v2/runs?status=FAILED&status=RUNNING&from=1h&attr.tenant=o%27neil'",
  ));

test("the list as a command", () => {
  const filter = {
    status: ["FAILED" as const],
    functionId: ["shop-pay"],
    attributes: { tenant: "acme" },
    since: "1h",
    search: "event.data.amount > 10",
  };
  expect(commandOf(filter)).toBe(
    "everstep runs list --query 'event.data.amount > 10' --status failed --fn shop-pay --attr 'tenant=acme' --since 1h --url http://localhost:3000",
  );
});

test("what the command has no option for is no command", () =>
  expect(commandOf({ key: "acme" })).toBeUndefined());
