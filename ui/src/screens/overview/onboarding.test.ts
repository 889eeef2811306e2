import { describe, expect, test } from "vitest";
import type { Function } from "../../api/types";
import { eventName, stepsOf, type Known } from "./onboarding";

const fn = (value: string, more: Partial<Function> = {}): Function => ({
  id: "f",
  name: "F",
  slug: "shop-f",
  app: { id: "shop" },
  configuration: {},
  triggers: [{ type: "EVENT", value }],
  ...more,
});
const empty: Known = {
  origin: "http://localhost:8288",
  apps: 0,
  entries: [],
  functions: [],
  hasEvent: false,
  hasEndedRun: false,
};

describe("stepsOf", () => {
  test("nothing is done on an empty server, and each command names it", () => {
    const steps = stepsOf(empty);
    expect(steps.map(({ id, isDone }) => [id, isDone])).toEqual([
      ["app", false],
      ["function", false],
      ["event", false],
      ["run", false],
    ]);
    expect(steps.map(({ command }) => command)).toEqual([
      "INNGEST_DEV=http://localhost:8288 npm run dev",
      undefined,
      `curl -X POST http://localhost:8288/e/dev -d '{"name":"test/hello","data":{}}'`,
      undefined,
    ]);
  });

  test("where it was looked, and what was there", () => {
    const error = { code: "unauthorized", message: "the app is in cloud mode", hint: "INNGEST_DEV=1" };
    const entries = [{ url: "http://localhost:3000/api/inngest", state: "failing", error }];
    expect(stepsOf({ ...empty, entries })[0]?.tried).toEqual([
      { url: "http://localhost:3000/api/inngest", problem: error },
    ]);
  });

  test("the event to send is one that starts something", () => {
    const command = stepsOf({ ...empty, apps: 1, functions: [fn("shop/order.placed")] })[2]?.command;
    expect(command).toContain('"shop/order.placed"');
  });

  test("what is done needs no command", () => {
    const steps = stepsOf({
      ...empty,
      apps: 1,
      functions: [fn("a")],
      hasEvent: true,
      hasEndedRun: true,
    });
    expect(steps.every(({ isDone, command }) => isDone && command === undefined)).toBe(true);
  });

  test("functions that are gone do not count", () => {
    expect(stepsOf({ ...empty, apps: 1, functions: [fn("a", { isArchived: true })] })[1]?.isDone).toBe(false);
  });
});

test("a pattern is no name of an event", () => {
  expect(eventName([fn("shop/*"), fn("shop/paid")])).toBe("shop/paid");
  expect(eventName([fn("0 0 * * *", { triggers: [{ type: "CRON", value: "0 0 * * *" }] })])).toBe(
    "test/hello",
  );
});
