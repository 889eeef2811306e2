// The server dies at random moments, again and again, and its successor takes over in the same folder.

import { describe, it } from "node:test";
import { Random } from "../harness/random.ts";
import { useWorld } from "../harness/use-world.ts";
import { underFire } from "./load/under-fire.ts";

describe("crash of the server", () => {
  const world = useWorld({ functions: "load" }, () => undefined);

  it("loses no acknowledged event and repeats no acknowledged step", async (t) => {
    const { server } = world();
    await underFire(t, world(), new Random(), async () => {
      await server.kill();
      await server.start();
    });
  });
});
