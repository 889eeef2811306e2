import { describe, expect, test } from "vitest";
import type { App, DevApp } from "../../api/types";
import { appRows, problemOf } from "./rows";

const app = (id: string, more: Partial<App> = {}): App => ({
  id,
  name: id,
  method: "SERVE",
  createdAt: "2026-01-01T00:00:00Z",
  functionCount: 3,
  latestSync: {
    status: "SUCCESS",
    syncedAt: "2026-01-01T00:00:00Z",
    sdkLanguage: "js",
    sdkVersion: "4.24.0",
    url: `http://${id}/api/inngest`,
  },
  ...more,
});
const entry = (url: string, more: Partial<DevApp> = {}): DevApp => ({ url, state: "ok", ...more });
const refused = { code: "unreachable", message: "connection refused", hint: "start the app" };

describe("appRows", () => {
  test("an app and how it answers are one row", () => {
    const [row, ...rest] = appRows(
      [app("shop")],
      [entry("http://shop/api/inngest", { name: "shop", synced_at: "2026-01-02T00:00:00Z" })],
    );
    expect(rest).toEqual([]);
    expect(row).toMatchObject({
      name: "shop",
      state: "synced",
      sdk: "js 4.24.0",
      functions: 3,
      syncedAt: "2026-01-02T00:00:00Z",
    });
  });

  test("what fails comes first, with its problem", () => {
    const rows = appRows(
      [app("bank"), app("shop")],
      [entry("http://shop/api/inngest", { state: "failing", error: refused })],
    );
    expect(rows.map(({ name, state }) => [name, state])).toEqual([
      ["shop", "failing"],
      ["bank", "synced"],
    ]);
    expect(rows[0]?.problem).toEqual(refused);
  });

  test("a URL where nobody answered yet is a row of its own", () => {
    expect(appRows([], [entry("http://127.0.0.1:3000/x", { state: "new", sdk: "py:v0.5" })])).toMatchObject([
      { name: "http://127.0.0.1:3000/x", state: "waiting", app: undefined, sdk: "py 0.5" },
    ]);
  });

  test("a URL that was added is there once an app has registered from it", () => {
    const error = { code: "unreachable", message: "connection refused" };
    const added: App = {
      id: "http://a/x",
      name: "http://a/x",
      method: "SERVE",
      createdAt: "2026-01-01T00:00:00Z",
      latestSync: { status: "ERROR", url: "http://a/x", error },
    };
    expect(appRows([added, app("shop")], []).map(({ isThere, state }) => [isThere, state])).toEqual([
      [false, "failing"],
      [true, "synced"],
    ]);
    expect(appRows([added], [])[0]?.problem).toEqual({ ...error, hint: undefined });
  });

  test("an app of API endpoints never syncs", () => {
    const api = app("web", { method: "API" });
    delete api.latestSync;
    expect(appRows([api], [])[0]).toMatchObject({ state: "api", url: undefined, syncedAt: undefined });
  });
});

test("an error that is a text", () => {
  expect(problemOf(entry("u", { error: "no answer" }))).toEqual({
    code: undefined,
    message: "no answer",
    hint: undefined,
  });
  expect(problemOf(entry("u", { error: "" }))).toBeUndefined();
  expect(problemOf(undefined)).toBeUndefined();
});
