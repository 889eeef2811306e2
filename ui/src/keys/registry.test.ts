import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { settings } from "../settings";
import { KeyRegistry, type Shortcut } from "./registry";

let keys: KeyRegistry;

beforeEach(() => {
  keys = new KeyRegistry();
});
afterEach(() => {
  settings.set("plainKeys", "on");
  document.body.replaceChildren();
});

function add(...shortcuts: Shortcut[]) {
  return keys.add({ current: { title: "Test", shortcuts } });
}

function press(key: string, target: Element = document.body, init: KeyboardEventInit = {}): KeyboardEvent {
  const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...init });
  document.body.append(...(target === document.body ? [] : [target]));
  const listener = (heard: Event) => void keys.press(heard as KeyboardEvent);
  window.addEventListener("keydown", listener);
  target.dispatchEvent(event);
  window.removeEventListener("keydown", listener);
  return event;
}

test("a sequence is done with its last key, and the key alone is not", () => {
  const sequence = vi.fn();
  const alone = vi.fn();
  add({ keys: "g r", does: "", run: sequence }, { keys: "r", does: "", run: alone });
  press("g");
  press("r");
  expect([sequence.mock.calls.length, alone.mock.calls.length]).toEqual([1, 0]);
  press("r");
  expect([sequence.mock.calls.length, alone.mock.calls.length]).toEqual([1, 1]);
});

test("the newest is asked first, and passes on what it does not do", () => {
  const first = vi.fn();
  const second = vi.fn(() => false);
  add({ keys: "x", does: "", run: first });
  const remove = add({ keys: "x", does: "", run: second });
  press("x");
  expect([first.mock.calls.length, second.mock.calls.length]).toEqual([1, 1]);
  remove();
  press("x");
  expect([first.mock.calls.length, second.mock.calls.length]).toEqual([2, 1]);
});

test("who types gets letters, and Ctrl+K all the same", () => {
  const letter = vi.fn();
  const palette = vi.fn();
  add({ keys: "x", does: "", run: letter }, { keys: "mod+k", does: "", run: palette, isEverywhere: true });
  const field = document.createElement("input");
  expect(press("x", field).defaultPrevented).toBe(false);
  expect(press("k", field, { ctrlKey: true }).defaultPrevented).toBe(true);
  expect([letter.mock.calls.length, palette.mock.calls.length]).toEqual([0, 1]);
});

test("Enter on a button presses the button", () => {
  const open = vi.fn();
  add({ keys: "Enter", does: "", run: open });
  press("Enter", document.createElement("button"));
  expect(open).not.toHaveBeenCalled();
  press("Enter");
  expect(open).toHaveBeenCalledOnce();
});

test("single characters can be switched off", () => {
  const plain = vi.fn();
  add({ keys: "x", does: "", run: plain });
  settings.set("plainKeys", "off");
  press("x");
  expect(plain).not.toHaveBeenCalled();
});
