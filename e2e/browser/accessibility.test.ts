// Every screen, with data, in both looks and on a small screen: nothing that axe finds, nothing wider than the window.

import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { useBrowser, violations } from "../harness/browser.ts";
import { FLAVOURS } from "../harness/flavours.ts";
import { StartedRun } from "../harness/started-run.ts";
import { useWorld } from "../harness/use-world.ts";

const APP = FLAVOURS[0]!;
const LOOKS = [
  { name: "light", options: { colorScheme: "light" } },
  { name: "dark", options: { colorScheme: "dark" } },
  { name: "small", options: { viewport: { width: 360, height: 780 } } },
] as const;

describe("every screen of the dashboard", () => {
  const world = useWorld({ functions: "scenarios", flavours: [APP] }, () => undefined);
  const open = useBrowser();
  const screens = new Map<string, string>();

  before(async () => {
    const good = await StartedRun.of(world(), APP, "sequence");
    const bad = await StartedRun.of(world(), APP, "step-fatal");
    await Promise.all([good.completed(), bad.failed()]);
    const { api } = world().server;
    const filter = { functionId: `${APP.name}-step-fatal`, status: "FAILED" };
    const operation = await api.startOperation({ kind: "replay", filter });
    const [group] = await world().until("the error has its group", async () => {
      const groups = await api.errorGroups();
      return groups.length > 0 && groups;
    });
    for (const [name, path] of Object.entries({
      overview: "/",
      runs: "/runs",
      run: `/runs/${good.id}`,
      "failed run": `/runs/${bad.id}`,
      comparison: `/runs/${good.id}/compare?with=${bad.id}`,
      events: "/events",
      event: `/events/${good.eventId}`,
      functions: "/functions",
      function: `/functions/${APP.name}/sequence`,
      apps: "/apps",
      app: `/apps/${APP.name}`,
      "flow control": "/flow",
      schedules: "/schedules",
      errors: "/errors",
      "error group": `/errors/${group}`,
      metrics: "/metrics",
      operations: "/operations",
      operation: `/operations/${operation.id}`,
      send: "/send",
      system: "/system",
      "audit log": "/audit",
    })) {
      screens.set(name, path);
    }
  });

  for (const { name: look, options } of LOOKS) {
    it(`has nothing that axe finds, and fits: ${look}`, async () => {
      const { origin } = world().server;
      const page = await open(`${origin}/ui/`, options);
      const found: string[] = [];
      for (const [name, path] of screens) {
        await page.goto(`${origin}/ui/env/default${path}`);
        await page.getByRole("heading", { level: 1 }).first().waitFor();
        await page.waitForFunction(() => document.querySelector('[aria-busy="true"]') === null);
        found.push(...(await violations(page)).map((violation) => `${name}: ${violation}`));
        const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
        if (overflow > 0) found.push(`${name}: ${overflow} px wider than the window`);
      }
      assert.deepEqual(found, []);
    });
  }
});
