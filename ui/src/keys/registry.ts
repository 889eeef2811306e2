/** The shortcuts that there are now, and what a key that is pressed does. The newest that fits is asked first. */
import { settings } from "../settings";
import { isPlain, written, type Pressed } from "./notation";

export interface Shortcut {
  /** See `notation`. */
  keys: string;
  /** What it does, for the help. */
  does: string;
  /** `false`: it did nothing, and the next one is asked. */
  run: (event: KeyboardEvent) => unknown;
  /** Also while a field has the focus. */
  isEverywhere?: boolean;
}

export interface Group {
  title: string;
  shortcuts: readonly Shortcut[];
}

/** After so long a sequence that was begun is forgotten. */
const SEQUENCE_MS = 1200;

const FIELDS =
  "input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable=true], [role=menu], [role=listbox]";
/** What takes these keys itself when it has the focus. */
const PRESSABLE = "button, a[href], summary, [role=tab], [role=button], [role=treeitem] button";

export class KeyRegistry {
  #groups: { current: Group }[] = [];
  #watchers = new Set<() => void>();
  #shown: readonly Group[] = [];
  #begun = "";
  #begunAt = 0;

  /** Shortcuts are there until the function that is returned is called. */
  add(group: { current: Group }): () => void {
    this.#groups = [...this.#groups, group];
    this.#tell();
    return () => {
      this.#groups = this.#groups.filter((it) => it !== group);
      this.#tell();
    };
  }

  watch = (watcher: () => void): (() => void) => {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  };

  groups = (): readonly Group[] => this.#shown;

  /** Whether something was done. */
  press(event: KeyboardEvent): boolean {
    const key = written(event satisfies Pressed);
    if (key === undefined || event.defaultPrevented || event.isComposing) return false;
    const target = event.target instanceof Element ? event.target : undefined;
    const isTyping = target?.closest(FIELDS) != null;
    const isInDialog = target?.closest("[role=dialog], [role=alertdialog]") != null;
    const isPressing = (key === "Enter" || key === "space") && target?.closest(PRESSABLE) != null;
    const sequence = this.#sequence(key, event.timeStamp);
    const hasPlain = settings.get("plainKeys") !== "off";
    for (const keys of [sequence, key]) {
      for (const { current } of [...this.#groups].reverse()) {
        for (const shortcut of current.shortcuts) {
          if (shortcut.keys !== keys) continue;
          if ((isTyping || isInDialog || isPressing) && !shortcut.isEverywhere) continue;
          if (!hasPlain && isPlain(shortcut.keys)) continue;
          if (shortcut.run(event) === false) continue;
          this.#begun = "";
          event.preventDefault();
          return true;
        }
      }
    }
    if (isTyping || isInDialog) this.#begun = "";
    return false;
  }

  /** What was typed so far, if something begins so. */
  #sequence(key: string, at: number): string {
    const isOpen = this.#begun !== "" && at - this.#begunAt < SEQUENCE_MS;
    const sequence = isOpen ? `${this.#begun} ${key}` : key;
    const begins = (start: string) =>
      this.#groups.some(({ current }) => current.shortcuts.some(({ keys }) => keys.startsWith(`${start} `)));
    this.#begun = begins(sequence) ? sequence : begins(key) ? key : "";
    this.#begunAt = at;
    return sequence;
  }

  #tell(): void {
    this.#shown = this.#groups.map(({ current }) => current);
    for (const watcher of this.#watchers) watcher();
  }
}

export const keyRegistry = new KeyRegistry();
