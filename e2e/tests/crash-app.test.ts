// The apps die at random moments, one after the other, while the server goes on.

import { describe, it } from "node:test";
import { Random } from "../harness/random.ts";
import { useWorld } from "../harness/use-world.ts";
import { underFire } from "./load/under-fire.ts";

describe("crash of apps", () => {
  const world = useWorld({ functions: "load" }, () => undefined);

  it("loses no acknowledged event and repeats no acknowledged step", async (t) => {
    const random = new Random();
    const victims = random.shuffled(world().apps);
    await underFire(t, world(), random, async (number) => {
      const app = victims[number % victims.length]!;
      await app.kill();
      await app.start();
    });
  });
});
