/** Shortcuts of components: they are there while the component is. */
import { useEffect, useInsertionEffect, useRef, useSyncExternalStore } from "react";
import { keyRegistry, type Group, type Shortcut } from "./registry";

/** `title` is where they are listed in the help. */
export function useKeys(title: string, shortcuts: readonly Shortcut[]): void {
  const group = useRef<Group>({ title, shortcuts });
  useInsertionEffect(() => {
    group.current = { title, shortcuts };
  });
  useEffect(() => keyRegistry.add(group), []);
}

/** Where keys are heard: once, in the shell. */
export function useKeyListener(): void {
  useEffect(() => {
    const press = (event: KeyboardEvent) => void keyRegistry.press(event);
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  }, []);
}

export function useKeyGroups(): readonly Group[] {
  return useSyncExternalStore(keyRegistry.watch, keyRegistry.groups);
}
