/** The shortcuts that there are on this screen. */
import { useId } from "react";
import { useKeyGroups } from "../keys/hooks";
import { label } from "../keys/notation";
import type { Shortcut } from "../keys/registry";
import { Dialog } from "../kit/dialog";
import { Keys } from "../kit/hint";
import { useSetting } from "../settings";
import { showOverlay, useOverlay } from "./overlays";

export function Help() {
  return (
    <Dialog
      title="Keyboard shortcuts"
      isOpen={useOverlay() === "help"}
      onClose={() => showOverlay(undefined)}
      isWide
    >
      <Content />
    </Dialog>
  );
}

function Content() {
  const id = useId();
  const [plainKeys, setPlainKeys] = useSetting("plainKeys");
  const groups = new Map<string, Map<string, Shortcut>>();
  for (const { title, shortcuts } of useKeyGroups()) {
    if (shortcuts.length === 0) continue;
    const known = groups.get(title) ?? new Map<string, Shortcut>();
    for (const shortcut of shortcuts) if (shortcut.does !== "") known.set(shortcut.keys, shortcut);
    groups.set(title, known);
  }
  return (
    <div className="flex flex-col gap-4">
      <div className="gap-x-8 sm:columns-2">
        {[...groups].map(([title, shortcuts]) => (
          <section key={title} className="mb-4 break-inside-avoid">
            <h3 className="mb-1 font-semibold">{title}</h3>
            <dl>
              {[...shortcuts.values()].map((shortcut) => (
                <div
                  key={shortcut.keys}
                  className="flex min-h-7 items-center justify-between gap-4 border-b border-line"
                >
                  <dt className="text-ink-soft">{shortcut.does}</dt>
                  <dd className="shrink-0">
                    <Keys keys={label(shortcut.keys)} />
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
      <label htmlFor={id} className="flex items-center gap-2">
        <input
          id={id}
          type="checkbox"
          className="size-4 accent-(--accent)"
          checked={plainKeys !== "off"}
          onChange={(event) => setPlainKeys(event.target.checked ? "on" : "off")}
        />
        Shortcuts of single characters (with Ctrl, ⌘ or Alt they always work)
      </label>
    </div>
  );
}
