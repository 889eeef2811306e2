// A browser for the dashboard: Debian's Chromium, with what no page may do watched all the time.

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, afterEach, before } from "node:test";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";

const PROGRAMS = [process.env["E2E_CHROMIUM"] ?? "", "/usr/bin/chromium", "/usr/bin/chromium-browser"];
/** Without what a container does not have: user namespaces, and much shared memory. */
const ARGUMENTS = ["--no-sandbox", "--disable-dev-shm-usage"];
const DESKTOP = { width: 1440, height: 900 };
/** For what a page shows once the server has answered. */
const PATIENCE_MS = 30_000;

export interface PageOptions extends BrowserContextOptions {
  /** What the console may say in this test, as when the server is away. */
  mayComplain?: RegExp;
}

export type OpenPage = (url: string, options?: PageOptions) => Promise<Page>;

/** A browser for a suite. Each page has a context of its own, and is closed after its test. */
export function useBrowser(): OpenPage {
  let browser: Browser | undefined;
  let complaints: string[] = [];

  before(async () => {
    const executablePath = PROGRAMS.find((path) => path !== "" && existsSync(path));
    assert.ok(executablePath, "there is no Chromium: install it, or say where it is with E2E_CHROMIUM");
    browser = await chromium.launch({ executablePath, args: ARGUMENTS });
  });
  afterEach(async () => {
    for (const context of browser?.contexts() ?? []) await context.close();
    const found = complaints;
    complaints = [];
    assert.deepEqual(found, [], "the page complained");
  });
  after(() => browser?.close());

  return async (url, { mayComplain, ...options } = {}) => {
    assert.ok(browser, "the browser has not been started");
    const context = await browser.newContext({ viewport: DESKTOP, reducedMotion: "reduce", ...options });
    const { origin } = new URL(url);
    // The dashboard works where there is no other network.
    await context.route(
      (asked) => asked.origin !== origin && asked.protocol.startsWith("http"),
      (route) => {
        complaints.push(`asked for ${route.request().url()}`);
        return route.abort();
      },
    );
    const page = await context.newPage();
    page.setDefaultTimeout(PATIENCE_MS);
    const complain = (text: string): void => {
      if (!mayComplain?.test(text)) complaints.push(text);
    };
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") complain(message.text());
    });
    page.on("pageerror", (error) => complain(String(error)));
    await page.goto(url);
    return page;
  };
}

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

/** What axe finds against WCAG 2.2 A and AA, a line each. */
export async function violations(page: Page): Promise<string[]> {
  // Not as an element: the page takes scripts of its server alone.
  await page.evaluate(AXE);
  return page.evaluate(async (rules) => {
    type Found = { id: string; help: string; nodes: { html: string; failureSummary: string }[] };
    const { axe } = globalThis as unknown as {
      axe: { run(options: object): Promise<{ violations: Found[] }> };
    };
    const { violations } = await axe.run({ runOnly: { type: "tag", values: rules } });
    return violations.flatMap(({ id, help, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${help}: ${html.slice(0, 200)} ${failureSummary}`),
    );
  }, RULES);
}
