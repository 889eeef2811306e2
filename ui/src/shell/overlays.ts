/** Which of the shell's dialogs is open: one at a time. */
import { useSyncExternalStore } from "react";

export type Overlay = "palette" | "help";

let shown: Overlay | undefined;
const watchers = new Set<() => void>();

export function showOverlay(overlay: Overlay | undefined): void {
  shown = overlay;
  for (const watcher of watchers) watcher();
}

function watch(watcher: () => void): () => void {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}

export function useOverlay(): Overlay | undefined {
  return useSyncExternalStore(watch, () => shown);
}
