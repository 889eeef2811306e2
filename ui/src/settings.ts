/**
 * What a person has set in this browser: each setting is a text. Where the browser keeps nothing, it holds for this visit.
 */
import { useSyncExternalStore } from "react";

const PREFIX = "everstep.";

class Settings {
  #values = new Map<string, string | undefined>();
  #watchers = new Set<() => void>();

  constructor() {
    window.addEventListener("storage", () => {
      this.#values.clear();
      this.#tell();
    });
  }

  get(name: string): string | undefined {
    if (!this.#values.has(name)) this.#values.set(name, stored(name));
    return this.#values.get(name);
  }

  set(name: string, value: string): void {
    this.#values.set(name, value);
    try {
      localStorage.setItem(PREFIX + name, value);
    } catch {
      // Kept for this visit.
    }
    this.#tell();
  }

  watch = (watcher: () => void): (() => void) => {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  };

  #tell(): void {
    for (const watcher of this.#watchers) watcher();
  }
}

function stored(name: string): string | undefined {
  try {
    return localStorage.getItem(PREFIX + name) ?? undefined;
  } catch {
    return undefined;
  }
}

export const settings = new Settings();

export function useSetting(name: string): [string | undefined, (value: string) => void] {
  const value = useSyncExternalStore(settings.watch, () => settings.get(name));
  return [value, (next) => settings.set(name, next)];
}
