/** The events that are being written, and which of them is shown. They are kept in the browser. */
import { useState } from "react";
import { settings } from "../../settings";
import { DRAFTS_MAX, newDraft, type Draft } from "./draft";

const SETTING = "send.drafts";
/** Characters; what is longer is there until the page is left. */
const KEPT_MAX = 200_000;

export interface Drafts {
  all: readonly Draft[];
  shown: Draft;
  show: (key: string) => void;
  change: (values: Partial<Draft>) => void;
  add: () => void;
  remove: (key: string) => void;
  replace: (drafts: readonly Draft[]) => void;
  /** Puts these in the place of the one that is shown. */
  unpack: (drafts: readonly Draft[]) => void;
}

export function useDrafts(first: () => readonly Draft[]): Drafts {
  const [{ all, key }, set] = useState(() => opened(first()));
  const shown = all.find((draft) => draft.key === key) ?? all[0] ?? newDraft();
  const update = (drafts: readonly Draft[], next = key) => {
    const some = drafts.length > 0 ? drafts.slice(0, DRAFTS_MAX) : [newDraft()];
    const isThere = some.some((draft) => draft.key === next);
    set(isThere ? { all: some, key: next } : opened(some));
    keep(some);
  };
  return {
    all,
    shown,
    show: (next) => set({ all, key: next }),
    change: (values) => update(all.map((draft) => (draft === shown ? { ...draft, ...values } : draft))),
    add: () => {
      const draft = newDraft({ name: shown.name, data: shown.data });
      update([...all, draft], draft.key);
    },
    remove: (gone) => {
      const at = all.findIndex((draft) => draft.key === gone);
      const rest = all.filter((draft) => draft.key !== gone);
      update(rest, gone === key ? rest[Math.min(at, rest.length - 1)]?.key : key);
    },
    replace: (drafts) => update(drafts, drafts[0]?.key),
    unpack: (drafts) =>
      update(
        all.flatMap((draft) => (draft === shown ? drafts : [draft])),
        drafts[0]?.key,
      ),
  };
}

function opened(all: readonly Draft[]): { all: readonly Draft[]; key: string | undefined } {
  return { all, key: all[0]?.key };
}

function keep(drafts: readonly Draft[]): void {
  const text = JSON.stringify(drafts);
  if (text.length <= KEPT_MAX) settings.set(SETTING, text);
}

/** Those that were being written when the screen was last left. */
export function keptDrafts(): Draft[] {
  try {
    const kept = JSON.parse(settings.get(SETTING) ?? "[]") as Partial<Draft>[];
    return kept.slice(0, DRAFTS_MAX).map((draft) => newDraft(texts(draft)));
  } catch {
    return [];
  }
}

function texts(draft: Partial<Draft>): Partial<Draft> {
  return Object.fromEntries(Object.entries(draft).filter(([, value]) => typeof value === "string"));
}
