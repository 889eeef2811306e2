// What people do with the dashboard, from the first event to a rerun, with the real binary and a real app.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Page } from "playwright-core";
import { useBrowser } from "../harness/browser.ts";
import { FLAVOURS } from "../harness/flavours.ts";
import { StartedRun } from "../harness/started-run.ts";
import { useWorld } from "../harness/use-world.ts";

const APP = FLAVOURS[0]!;
const TABS = 10;
const RUNS = 40;
/** While the server is away, the browser says so on its own. */
const AWAY = /ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE|WebSocket|Failed to load resource/;

describe("the dashboard", () => {
  const world = useWorld({ functions: "scenarios", flavours: [APP] }, () => undefined);
  const open = useBrowser();
  const at = (path: string): string => `${world().server.origin}/ui/env/default${path}`;
  const row = (page: Page, run: StartedRun) => page.getByRole("row").filter({ has: page.locator(`a[href*="${run.id}"]`) });

  it("is where one gets from the root, and says what there is to do first", async () => {
    const page = await open(world().server.origin);
    await page.getByRole("heading", { name: "Overview", level: 1 }).waitFor();
    assert.match(page.url(), /\/ui\/env\/default/);
  });

  it("sends an event, and shows its run as it goes on", async () => {
    const page = await open(at("/send"));
    await page.getByLabel("Name").fill(`${APP.name}/sequence`);
    await page.getByRole("button", { name: "Send", exact: true }).click();
    await page.locator('main a[href*="/runs/01"]').first().click();
    await page.getByRole("treeitem").nth(1).waitFor();
    await page.getByText("Completed").first().waitFor();
    assert.match(page.url(), /\/runs\/01/);
  });

  it("shows a run that starts while one looks at the list", async () => {
    await (await StartedRun.of(world(), APP, "sequence")).completed();
    const page = await open(at("/runs"));
    await page.getByRole("grid", { name: "Runs" }).waitFor();
    const run = await StartedRun.of(world(), APP, "sequence");
    await row(page, run).getByText("Completed").waitFor();
  });

  it("finds runs by an expression, and keeps it in the URL", async () => {
    const [found, other] = await StartedRun.all(world(), APP, "sequence", [{ mark: "this one" }, { mark: "that one" }]);
    await Promise.all([found!.completed(), other!.completed()]);
    const page = await open(at("/runs"));
    await page.getByRole("combobox", { name: /Expression/ }).fill('event.data.mark == "this one"');
    await page.keyboard.press("Control+Enter");
    await page.waitForURL(/search=/);
    await row(page, found!).waitFor();
    await page.reload();
    await row(page, found!).waitFor();
    assert.equal(await row(page, other!).count(), 0);
  });

  it("runs a run again from a step, with another input", async () => {
    const run = await StartedRun.of(world(), APP, "sequence", { n: 1 });
    await run.completed();
    const page = await open(at(`/runs/${run.id}`));
    await page.getByRole("treeitem").nth(2).click();
    await page.getByRole("button", { name: "More ways to run it again" }).click();
    await page.getByRole("menuitem", { name: /From step/ }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByText("Will run again").waitFor();
    await dialog.getByRole("button", { name: /^Rerun/ }).click();
    await page.getByRole("button", { name: "Open it" }).click();
    await page.waitForURL((url) => /\/runs\/01/.test(url.pathname) && !url.pathname.includes(run.id));
    await page.getByText("Completed").first().waitFor();
    const reruns = await world().server.api.reruns(run.id);
    assert.equal(reruns.length, 1);
    assert.ok(page.url().includes(reruns[0]!), `${page.url()} is not the rerun`);
  });

  it("cancels many runs at a rate, and stops doing so when told", async () => {
    const until = new Date(Date.now() + 3_600_000).toISOString();
    const runs = await StartedRun.all(world(), APP, "sleep-until", Array(RUNS).fill({ until }));
    await Promise.all(runs.map((run) => run.pausesAt("pause")));
    const page = await open(at(`/runs?functionId=${APP.name}-sleep-until&status=RUNNING`));
    await page.getByRole("checkbox", { name: "Select the rows that are loaded" }).locator("..").click();
    await page.getByRole("button", { name: "Cancel…" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Runs per second").fill("4");
    await dialog.getByRole("button", { name: `Cancel ${RUNS}` }).click();
    await page.waitForURL(/\/operations\/01/);
    await page.getByRole("button", { name: "Abort" }).click();
    await page.getByRole("button", { name: /press again/ }).click();
    await page.getByText("Aborted").first().waitFor();
    const id = page.url().match(/operations\/([0-9A-Z]+)/)![1]!;
    const { state, counts } = await world().server.api.operation(id);
    assert.equal(state, "ABORTED");
    assert.ok(counts.done < RUNS, `all ${counts.done} were cancelled`);
    await page.getByRole("button", { name: "Go on" }).click();
    await page.getByText("Completed").first().waitFor();
    assert.equal((await world().server.api.operation(id)).counts.done, RUNS);
  });

  it("is gone through with the keyboard alone", async () => {
    const run = await StartedRun.of(world(), APP, "sequence");
    await run.completed();
    const page = await open(at("/events"));
    await page.getByRole("heading", { name: "Events", level: 1 }).waitFor();
    await page.keyboard.press("g");
    await page.keyboard.press("r");
    await page.getByRole("heading", { name: "Runs", level: 1 }).waitFor();
    await row(page, run).waitFor();
    const grid = page.getByRole("grid", { name: "Runs" });
    for (let tabs = 0; !(await grid.evaluate((grid) => grid.contains(document.activeElement))); tabs++) {
      assert.ok(tabs < 60, "the grid is not reached by Tab");
      await page.keyboard.press("Tab");
    }
    await page.keyboard.press("j");
    await page.keyboard.press("k");
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/runs\/01/);
    await page.getByRole("treeitem").first().waitFor();
    await page.keyboard.press("?");
    await page.getByRole("dialog").getByText("Run it again").waitFor();
    await page.keyboard.press("Escape");
    await page.goBack();
    await page.getByRole("heading", { name: "Runs", level: 1 }).waitFor();
  });

  it("goes on by itself after the server was away", async () => {
    const page = await open(at("/runs"), { mayComplain: AWAY });
    await page.getByRole("button", { name: /Live updates: Live/i }).waitFor();
    await world().server.kill();
    await page.getByRole("button", { name: /Live updates: (?!Live)/i }).waitFor();
    await world().server.start();
    const run = await StartedRun.of(world(), APP, "sequence");
    await row(page, run).getByText("Completed").waitFor();
    await page.getByRole("button", { name: /Live updates: Live/i }).waitFor();
  });

  it("tells each of many tabs", async () => {
    const pages: Page[] = [];
    for (let n = 0; n < TABS; n++) pages.push(await open(at("/runs")));
    await Promise.all(pages.map((page) => page.getByRole("grid", { name: "Runs" }).waitFor()));
    const run = await StartedRun.of(world(), APP, "sequence");
    await Promise.all(pages.map((page) => row(page, run).waitFor()));
  });
});
