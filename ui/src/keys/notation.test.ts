import { expect, test } from "vitest";
import { isPlain, label, written } from "./notation";

const pressed = (key: string, held: string[] = []) => ({
  key,
  ctrlKey: held.includes("ctrl"),
  metaKey: held.includes("meta"),
  altKey: held.includes("alt"),
  shiftKey: held.includes("shift"),
});

test.each([
  [pressed("j"), "j"],
  [pressed("J", ["shift"]), "shift+j"],
  [pressed("?", ["shift"]), "?"],
  [pressed(" "), "space"],
  [pressed("k", ["meta"]), "mod+k"],
  [pressed("k", ["ctrl"]), "mod+k"],
  [pressed("Enter", ["ctrl", "shift"]), "mod+shift+Enter"],
  [pressed("1", ["alt"]), "alt+1"],
  [pressed("Shift", ["shift"]), undefined],
])("%j is written %s", (event, keys) => {
  expect(written(event)).toBe(keys);
});

test("labels are those of the system", () => {
  expect(label("mod+k", true)).toBe("⌘K");
  expect(label("mod+k", false)).toBe("Ctrl+K");
  expect(label("g r", false)).toBe("g r");
  expect(label("shift+j", false)).toBe("Shift+J");
  expect(label("+", false)).toBe("+");
});

test("plain are characters without Ctrl, ⌘ or Alt", () => {
  expect(["j", "shift+j", "g r", "?"].map(isPlain)).toEqual([true, true, true, true]);
  expect(["mod+k", "alt+1", "Enter", "Escape", "space"].map(isPlain)).toEqual([
    false,
    false,
    false,
    false,
    false,
  ]);
});
