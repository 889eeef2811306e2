/** What was decided about a group of errors: a shape, a word, a colour. */
import clsx from "clsx";
import { Check, CircleAlert, EyeOff, Undo2 } from "lucide-react";
import type { ErrorGroup } from "../../api/types";
import { useNow } from "../../time/clock";
import { age } from "../../time/format";

const LOOKS = {
  open: { word: "Open", icon: CircleAlert, text: "text-bad", soft: "bg-bad-soft" },
  back: { word: "Back", icon: Undo2, text: "text-bad", soft: "bg-bad-soft" },
  resolved: { word: "Resolved", icon: Check, text: "text-ok", soft: "bg-ok-soft" },
  ignored: { word: "Ignored", icon: EyeOff, text: "text-off", soft: "bg-off-soft" },
} as const;

export function ErrorStatus({ group, pill = false }: { group: ErrorGroup; pill?: boolean }) {
  const isBack = group.status === "open" && group.isBack === true;
  const { word, icon: Icon, text, soft } = LOOKS[isBack ? "back" : group.status];
  return (
    <span
      title={isBack ? "It was resolved, and was seen again since" : undefined}
      className={clsx(
        "inline-flex items-center gap-1.5 whitespace-nowrap",
        text,
        pill && "rounded-full px-2 py-0.5 font-medium",
        pill && soft,
      )}
    >
      <Icon aria-hidden className="size-3.5 shrink-0" />
      {word}
      {group.status === "ignored" && <Until at={group.ignoredUntil ?? undefined} />}
    </span>
  );
}

function Until({ at }: { at: string | undefined }) {
  const now = useNow(at !== undefined);
  if (at === undefined) return null;
  return <span className="font-normal">for {age(Date.parse(at), now).replace(/^in /, "")}</span>;
}
