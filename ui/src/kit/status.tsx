/** What state a run or step is in: a shape, a word, a colour; never a colour alone. */
import clsx from "clsx";
import { Ban, Check, CircleDashed, Hourglass, LoaderCircle, Minus, X } from "lucide-react";
import type { ComponentType } from "react";
import type { Run, SpanStatus } from "../api/types";

interface Look {
  word: string;
  icon: ComponentType<{ className?: string }>;
  text: string;
  soft: string;
  bar: string;
}

export const LOOKS: Record<SpanStatus, Look> = {
  QUEUED: { word: "Queued", icon: CircleDashed, text: "text-off", soft: "bg-off-soft", bar: "bg-off-bar" },
  RUNNING: { word: "Running", icon: LoaderCircle, text: "text-run", soft: "bg-run-soft", bar: "bg-run-bar" },
  WAITING: { word: "Waiting", icon: Hourglass, text: "text-wait", soft: "bg-wait-soft", bar: "bg-wait-bar" },
  COMPLETED: { word: "Completed", icon: Check, text: "text-ok", soft: "bg-ok-soft", bar: "bg-ok-bar" },
  FAILED: { word: "Failed", icon: X, text: "text-bad", soft: "bg-bad-soft", bar: "bg-bad-bar" },
  CANCELLED: { word: "Cancelled", icon: Ban, text: "text-off", soft: "bg-off-soft", bar: "bg-off-bar" },
  SKIPPED: { word: "Skipped", icon: Minus, text: "text-off", soft: "bg-off-soft", bar: "bg-off-bar" },
};

/** The API shows a run that was not to start as queued. */
export function runStatus(run: Pick<Run, "status" | "isSkipped">): SpanStatus {
  return run.isSkipped ? "SKIPPED" : run.status;
}

export function isEnded(status: SpanStatus): boolean {
  return status === "COMPLETED" || status === "FAILED" || status === "CANCELLED" || status === "SKIPPED";
}

export function StatusIcon({ status, className }: { status: SpanStatus; className?: string }) {
  const { icon: Icon, text } = LOOKS[status];
  return (
    <Icon
      aria-hidden
      className={clsx("size-3.5 shrink-0", text, status === "RUNNING" && "animate-spin", className)}
    />
  );
}

export function Status({ status, pill = false }: { status: SpanStatus; pill?: boolean }) {
  const look = LOOKS[status];
  return (
    <span
      className={clsx(
        "inline-flex items-center gap-1.5 align-middle whitespace-nowrap",
        look.text,
        pill && "rounded-full px-2 py-0.5 font-medium",
        pill && look.soft,
      )}
    >
      <StatusIcon status={status} />
      {look.word}
    </span>
  );
}
