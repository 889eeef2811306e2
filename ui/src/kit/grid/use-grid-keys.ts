/** The keys of a grid. `j` and `k` lead into it from anywhere on the screen; the others are heard while it has the focus. */
import { useKeys } from "../../keys/hooks";
import type { Shortcut } from "../../keys/registry";

export interface GridActions {
  /** See `position`; `false` if there is no way. */
  move: (key: string, isRange: boolean) => unknown;
  open: (isNewTab: boolean) => unknown;
  check: (() => unknown) | undefined;
  checkMore: () => unknown;
  clear: () => unknown;
  peek: (() => unknown) | undefined;
  showNew: (() => unknown) | undefined;
}

const MOVES = ["ArrowDown", "ArrowUp", "ArrowLeft", "ArrowRight", "PageDown", "PageUp", "Home", "End"];
/** They are in the help by the words of `j` and `k`. */
const UNSAID = "";

export function useGridKeys(title: string, gridId: string, actions: GridActions): void {
  const isHere = () => document.getElementById(gridId)?.contains(document.activeElement) ?? false;
  const here = (keys: string, does: string, run: () => unknown): Shortcut => ({
    keys,
    does,
    run: () => (isHere() ? run() : false),
  });
  /** From anywhere but another grid. */
  const into = (keys: string, does: string, isRange: boolean): Shortcut => ({
    keys,
    does,
    run: () => {
      if (!isHere() && document.activeElement?.closest("[role=grid]")) return false;
      return actions.move(keys.replace("shift+", ""), isRange);
    },
  });
  const { check, peek, showNew } = actions;
  useKeys(title, [
    into("j", "Next row", false),
    into("k", "Previous row", false),
    ...MOVES.map((key) => here(key, UNSAID, () => actions.move(key, false))),
    here("Enter", "Open the row", () => actions.open(false)),
    here("mod+Enter", "Open the row in a new tab", () => actions.open(true)),
    ...(peek ? [here("space", "Preview the row, or not", peek)] : []),
    ...(check
      ? [
          here("x", "Select the row, or not", check),
          into("shift+j", "Select on to the next row", true),
          into("shift+k", "Select on to the previous row", true),
          here("shift+ArrowDown", UNSAID, () => actions.move("ArrowDown", true)),
          here("shift+ArrowUp", UNSAID, () => actions.move("ArrowUp", true)),
          here("mod+a", "Select the rows that are loaded, and again: all that match", actions.checkMore),
        ]
      : []),
    ...(check || peek ? [here("Escape", "Select nothing, close the preview", actions.clear)] : []),
    ...(showNew ? [{ keys: "n", does: "Show the new rows", run: showNew }] : []),
  ]);
}
