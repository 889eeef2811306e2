/**
 * How keys are written: `j`, `shift+j`, `mod+k`, `Enter`, `space`, and sequences such as `g r`.
 * `mod` is ⌘ on a Mac, and Ctrl elsewhere. Characters that need Shift are written as they are: `?`.
 */

export interface Pressed {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  shiftKey: boolean;
}

export function isMac(platform: string = navigator.platform): boolean {
  return /mac|iphone|ipad/i.test(platform);
}

/** The key that was pressed; nothing for a modifier alone. */
export function written(event: Pressed): string | undefined {
  if (["Control", "Meta", "Alt", "Shift", "AltGraph", "CapsLock", "Dead"].includes(event.key))
    return undefined;
  const isLetter = /^\p{L}$/u.test(event.key);
  const name = event.key === " " ? "space" : isLetter ? event.key.toLowerCase() : event.key;
  const parts = [
    (event.ctrlKey || event.metaKey) && "mod",
    event.altKey && "alt",
    event.shiftKey && (isLetter || name.length > 1) && "shift",
    name,
  ];
  return parts.filter((part) => part !== false).join("+");
}

const WORDS: Record<string, string> = {
  Enter: "↵",
  Escape: "Esc",
  space: "Space",
  ArrowUp: "↑",
  ArrowDown: "↓",
  ArrowLeft: "←",
  ArrowRight: "→",
};

/** For people: `⌘K` or `Ctrl+K`; a sequence with spaces between. */
export function label(keys: string, onMac: boolean = isMac()): string {
  return keys
    .split(" ")
    .map((key) => {
      const parts = key === "+" ? ["+"] : key.split("+");
      const words = parts.map((part) => {
        if (part === "mod") return onMac ? "⌘" : "Ctrl";
        if (part === "shift") return onMac ? "⇧" : "Shift";
        if (part === "alt") return onMac ? "⌥" : "Alt";
        return WORDS[part] ?? (parts.length > 1 ? part.toUpperCase() : part);
      });
      return words.join(onMac ? "" : "+");
    })
    .join(" ");
}

/** Whether it is typed without Ctrl, ⌘ or Alt: such shortcuts can be switched off. */
export function isPlain(keys: string): boolean {
  return keys.split(" ").some((key) => !/^(mod|alt)\+/.test(key) && key.replace(/^shift\+/, "").length === 1);
}
