import { expect, test } from "vitest";
import { syncWords } from "./actions";
import { stageRows } from "./stages";

const error = { code: "unreachable", message: "refused" };

test("what comes after a failure was not tried", () => {
  const rows = stageRows({
    url: "http://a/x",
    isPassed: false,
    stages: [
      { name: "dns", status: "passed" },
      { name: "tcp", status: "failed", error },
    ],
  });
  expect(rows.map(({ name, stage }) => [name, stage?.status])).toEqual([
    ["dns", "passed"],
    ["tcp", "failed"],
    ["http", undefined],
    ["sdk", undefined],
    ["mode", undefined],
    ["functions", undefined],
  ]);
});

test("TLS is a stage of https only, and a stage that is not known is shown", () => {
  const stages = [{ name: "proxy", status: "passed" as const }];
  const names = stageRows({ url: "https://a/x", isPassed: true, stages }).map(({ name }) => name);
  expect(names).toContain("tls");
  expect(names.at(-1)).toBe("proxy");
});

test("how a sync went", () => {
  expect(syncWords({ status: "success", appId: "shop", url: "u", functionCount: 1 })).toBe(
    "shop is synced: 1 function",
  );
  expect(syncWords({ status: "pending", url: "http://a" })).toMatch(/^http:\/\/a answers/);
});
