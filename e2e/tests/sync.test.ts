// How functions get to the server, and how it follows their changes.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { App } from "../harness/app.ts";
import { FLAVOURS, type Flavour, has } from "../harness/flavours.ts";
import { World } from "../harness/world.ts";

describe("sync", () => {
  for (const flavour of FLAVOURS) {
    it(`${flavour.name}: a PUT from outside registers the functions, and again after a deploy`, async () => {
      await within({ flavour, knowsApps: false }, async (world, app) => {
        await world.server.start();
        await app.start();
        assert.deepEqual(await world.server.api.functions(), []);

        await sync(app, { modified: true });
        assert.deepEqual(await eventsOf(world, app, "parallel"), [`${app.id}/parallel`]);
        assert.deepEqual(await eventsOf(world, app, "shared-two"), [`${app.id}/shared`, `${app.id}/other`]);
        const known = await world.server.api.functions();
        await sync(app, { modified: false });
        assert.deepEqual(await world.server.api.functions(), known);

        await app.kill();
        await app.start("changed");
        await sync(app, { modified: true });
        const slugs = (await world.server.api.functions()).map(({ slug }) => slug);
        assert.deepEqual(slugs.sort(), [`${app.id}-brand-new`, `${app.id}-parallel`, `${app.id}-sequence`]);
        assert.deepEqual(await eventsOf(world, app, "parallel"), [`${app.id}/moved`]);

        const before = await world.server.api.send({ name: `${app.id}/parallel` });
        const moved = await world.server.api.send({ name: `${app.id}/moved` });
        const [run] = await world.endedRuns(moved);
        assert.equal((await world.server.api.run(run!.run_id)).output, "moved");
        assert.deepEqual(await world.server.api.eventRuns(before), []);
      });
    });

    it(`${flavour.name}: an app that is down at the start is found once it is up`, async () => {
      await within({ flavour, knowsApps: true }, async (world, app) => {
        await world.server.start();
        assert.deepEqual(await world.server.api.functions(), []);
        await app.start();
        await world.until("the app's functions are known", async () => (await world.server.api.functions()).length > 0);
        await runSequence(world, app);
      });
    });
  }

  it("knows the functions after a restart, even of an app that is down", async () => {
    await within({ flavour: FLAVOURS[0]!, knowsApps: false }, async (world, app) => {
      await world.server.start();
      await app.start();
      await sync(app, { modified: true });
      const known = await world.server.api.functions();
      await app.kill();
      await world.server.kill();
      await world.server.start();
      assert.deepEqual(await world.server.api.functions(), known);
      await app.start();
      await runSequence(world, app);
    });
  });
});

async function within(
  { flavour, knowsApps }: { flavour: Flavour; knowsApps: boolean },
  test: (world: World, app: App) => Promise<void>,
): Promise<void> {
  const world = await World.prepare({ functions: "scenarios", flavours: [flavour], knowsApps });
  try {
    await test(world, world.app(flavour.name));
  } finally {
    await world.stop();
  }
}

async function sync(app: App, { modified }: { modified: boolean }): Promise<void> {
  const { status, body } = await app.sync();
  assert.equal(status, 200, body);
  if (has(app.flavour, "sync replies")) assert.equal(JSON.parse(body).modified, modified, body);
  else assert.equal(body, "");
}

async function eventsOf(world: World, app: App, fn: string): Promise<(string | undefined)[]> {
  const functions = await world.server.api.functions();
  const found = functions.find(({ slug }) => slug === `${app.id}-${fn}`);
  assert.ok(found, `no function ${fn} among ${functions.map(({ slug }) => slug)}`);
  return found.triggers.map(({ event }) => event);
}

async function runSequence(world: World, app: App): Promise<void> {
  const [run] = await world.endedRuns(await world.server.api.send({ name: `${app.id}/sequence`, data: { n: 1 } }));
  assert.deepEqual((await world.server.api.run(run!.run_id)).output, { one: 2, two: 4, three: { sum: 6 } });
}
