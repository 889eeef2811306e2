// The life of a world as hooks of the surrounding suite.

import assert from "node:assert/strict";
import { after, before } from "node:test";
import { audit } from "./audit.ts";
import { World, type WorldOptions } from "./world.ts";

/** Starts a world before the suite's tests; after them takes a last look at it, and stops it. */
export function useWorld(options: WorldOptions, lastLook: (world: World) => void = checkJournals): () => World {
  let world: World | undefined;

  before(async () => {
    world = await World.start(options);
  });

  after(async () => {
    if (world === undefined) return;
    try {
      lastLook(world);
    } finally {
      await world.stop();
    }
  });

  return () => {
    if (world === undefined) throw new Error("the world has not been started");
    return world;
  };
}

/** What the auditor says of all journals together. */
export function checkJournals(world: World): void {
  assert.deepEqual(audit(world.entries()), []);
}
