/** What state an operation is in: a shape, a word, a colour. */
import clsx from "clsx";
import { Ban, Check, LoaderCircle, OctagonX } from "lucide-react";
import type { Operation } from "../../api/types";

export const KINDS: Record<Operation["kind"], string> = {
  cancel: "Cancel",
  replay: "Replay",
  resume: "Resume",
};

const STATES = {
  RUNNING: { word: "Running", icon: LoaderCircle, text: "text-run", soft: "bg-run-soft" },
  ABORTING: { word: "Aborting", icon: LoaderCircle, text: "text-wait", soft: "bg-wait-soft" },
  ABORTED: { word: "Aborted", icon: Ban, text: "text-off", soft: "bg-off-soft" },
  STOPPED: { word: "Stopped", icon: OctagonX, text: "text-bad", soft: "bg-bad-soft" },
  FAILED: { word: "Failed", icon: OctagonX, text: "text-bad", soft: "bg-bad-soft" },
  COMPLETED: { word: "Completed", icon: Check, text: "text-ok", soft: "bg-ok-soft" },
} as const;

interface Props {
  state: Operation["state"];
  pill?: boolean;
  isNarrow?: boolean;
}

export function OperationState({ state, pill = false, isNarrow = false }: Props) {
  const { word, icon: Icon, text, soft } = STATES[state];
  const isMoving = state === "RUNNING" || state === "ABORTING";
  return (
    <span
      title={isNarrow ? word : undefined}
      className={clsx(
        "inline-flex items-center gap-1.5 align-middle whitespace-nowrap",
        text,
        pill && ["rounded-full px-2 py-0.5 font-medium", soft],
      )}
    >
      <Icon aria-hidden className={clsx("size-3.5 shrink-0", isMoving && "animate-spin")} />
      <span className={isNarrow ? "sr-only" : undefined}>{word}</span>
    </span>
  );
}
