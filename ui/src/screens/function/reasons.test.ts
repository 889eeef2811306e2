import { expect, test } from "vitest";
import { heldBy, withoutHolders } from "./reasons";

test("the holders are taken out of the text, and what follows is kept", () => {
  const text = "waits because concurrency of a = b is 2 of 2, held by 01M8K04GDE, 01M8K04GYG";
  const without = "waits because concurrency of a = b is 2 of 2";
  expect(withoutHolders(text)).toBe(without);
  expect(withoutHolders(`${text} until 2026-01-01T00:00:00Z`)).toBe(`${without} until 2026-01-01T00:00:00Z`);
  expect(withoutHolders("is paused: new runs do not start")).toBe("is paused: new runs do not start");
});

test("a run that holds a limit with two calls is one holder", () => {
  const holders = ["a", "b", "a"].map((runId) => ({ runId, since: "" }));
  expect(heldBy({ kind: "concurrency", text: "", limit: { id: "l", name: "concurrency", holders } })).toEqual(
    ["a", "b"],
  );
  expect(heldBy({ kind: "idle", text: "" })).toEqual([]);
});
