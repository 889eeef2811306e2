// What is large stays quick: only what is in view is in the page. What the server says is made up here, of what it has
// said of one run; how long things took is told, not judged.

import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import type { Page } from "playwright-core";
import { useBrowser } from "../harness/browser.ts";
import { FLAVOURS } from "../harness/flavours.ts";
import { StartedRun } from "../harness/started-run.ts";
import { useWorld } from "../harness/use-world.ts";

const APP = FLAVOURS[0]!;
const STEPS = 10_000;
const RUNS = 1_000_000;
/** Far more than it takes to read as many runs as the list may hold. */
const PAGES_MAX = 300;
/** Elements of a page, whatever it shows. */
const ELEMENTS_MAX = 1_000;

interface Span {
  id: string;
  stepId?: string;
  name: string;
  children?: Span[];
}

describe("what is large", () => {
  const world = useWorld({ functions: "scenarios", flavours: [APP] }, () => undefined);
  const open = useBrowser();
  const at = (path: string): string => `${world().server.origin}/ui/env/default${path}`;
  const elements = (page: Page): Promise<number> => page.evaluate(() => document.querySelectorAll("body *").length);
  let run: StartedRun;

  before(async () => {
    run = await StartedRun.of(world(), APP, "sequence", { n: 1 });
    await run.completed();
  });

  it(`a run of ${STEPS} steps has in the page what is in view`, async (t) => {
    const page = await open(at("/runs"));
    await page.route(`**/v2/runs/${run.id}/trace*`, async (route) => {
      const response = await route.fetch();
      const body = (await response.json()) as { data: { rootSpan: Span } };
      const root = body.data.rootSpan;
      const [step] = root.children!;
      const copies = Array.from({ length: STEPS }, (_, n) => ({ ...step!, id: `${step!.id}${n}`, stepId: `s${n}`, name: `step ${n}` }));
      body.data.rootSpan = { ...root, children: copies };
      await route.fulfill({ response, json: body });
    });
    const begun = Date.now();
    await page.goto(at(`/runs/${run.id}`));
    await page.getByRole("treeitem", { name: "step 0" }).waitFor();
    t.diagnostic(`open after ${Date.now() - begun} ms, the page loaded anew and ${STEPS} steps made up meanwhile`);
    assert.ok((await elements(page)) < ELEMENTS_MAX, `${await elements(page)} elements`);
    await page.getByRole("treeitem", { name: "step 0" }).click();
    await page.keyboard.press("End");
    await page.getByRole("treeitem", { name: `step ${STEPS - 1}` }).waitFor();
    assert.ok((await elements(page)) < ELEMENTS_MAX, `${await elements(page)} elements at the end`);
  });

  it(`a list of ${RUNS} runs has in the page what is in view, and does not hold all that was scrolled by`, async (t) => {
    const page = await open(at("/events"));
    const list = await fetch(`${world().server.origin}/v2/runs?limit=1`);
    const { data, metadata } = (await list.json()) as { data: [object]; metadata: object };
    let pages = 0;
    await page.route(/\/v2\/runs\?/, (route) => {
      const query = new URL(route.request().url()).searchParams;
      const [first, limit] = [Number(query.get("cursor") ?? 0), Number(query.get("limit") ?? 20)];
      const last = Math.min(first + limit, RUNS);
      const rows = Array.from({ length: last - first }, (_, n) => ({ ...data[0], id: `01${String(first + n).padStart(24, "0")}` }));
      const cursor = last < RUNS ? { cursor: String(last), hasMore: true } : {};
      pages += 1;
      return route.fulfill({ json: { data: rows, metadata, page: { limit, ...cursor } } });
    });
    await page.goto(at("/runs"));
    const grid = page.getByRole("grid", { name: "Runs" });
    await grid.getByRole("row").nth(1).waitFor();
    assert.ok((await elements(page)) < 2 * ELEMENTS_MAX, `${await elements(page)} elements`);
    const goOn = page.getByRole("button", { name: "Go on from here" });
    while ((await goOn.count()) === 0) {
      const before = pages;
      await world().until("more is read, or no more is held", async () => {
        await grid.evaluate(({ parentElement: area }) => area?.scrollTo(0, area.scrollHeight));
        return pages > before || (await goOn.count()) > 0;
      });
      assert.ok(pages < PAGES_MAX, "the list holds more than it may");
    }
    t.diagnostic(`${pages} pages were read`);
    assert.ok((await elements(page)) < 2 * ELEMENTS_MAX, `${await elements(page)} elements at the end`);
  });
});
