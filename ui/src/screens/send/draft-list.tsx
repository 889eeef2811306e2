/** The events that will be sent, in order. */
import clsx from "clsx";
import { CircleAlert } from "lucide-react";
import type { Draft } from "./draft";

interface Props {
  drafts: readonly Draft[];
  shown: string;
  /** Keys of those that can't be sent. */
  wrong: readonly string[];
  onShow: (key: string) => void;
}

export function DraftList({ drafts, shown, wrong, onShow }: Props) {
  return (
    <ol
      aria-label="Events to send"
      className="flex shrink-0 gap-1 overflow-x-auto border-b border-line px-2 py-1.5"
    >
      {drafts.map((draft, i) => (
        <li key={draft.key}>
          <button
            type="button"
            aria-current={draft.key === shown}
            onClick={() => onShow(draft.key)}
            className={clsx(
              "flex h-7 items-center gap-1.5 rounded-md px-2 whitespace-nowrap",
              draft.key === shown ? "bg-accent-soft font-medium" : "text-ink-soft hover:bg-sunken",
            )}
          >
            <span className="text-ink-faint">{i + 1}</span>
            <span className="max-w-44 truncate">{draft.name || "unnamed"}</span>
            {wrong.includes(draft.key) && (
              <CircleAlert aria-label="can't be sent" className="size-3.5 text-bad" />
            )}
          </button>
        </li>
      ))}
    </ol>
  );
}
