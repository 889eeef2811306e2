/** How segments look: by colour, and by height and hatching, so that they differ without colour, too. */
import { LOOKS } from "../kit/status";
import type { SpanStatus } from "../api/types";
import type { Segment, SegmentKind } from "./intervals";

export const SEGMENT_WORDS: Record<SegmentKind, string> = {
  queued: "queued",
  backoff: "back-off",
  network: "network",
  code: "your code",
  waiting: "waiting",
};

const SHAPES: Record<Exclude<SegmentKind, "code">, string> = {
  queued: "h-2.5 bg-off-bar hatched",
  backoff: "h-0 border-t-2 border-dotted border-line-strong",
  network: "h-1 bg-off-bar",
  waiting: "h-2.5 bg-wait-bar hatched",
};

export function segmentLook(
  { kind, isFailed }: Pick<Segment, "kind" | "isFailed">,
  status: SpanStatus,
): string {
  if (kind !== "code") return SHAPES[kind];
  // An attempt that failed, of a step that goes on.
  const shown = isFailed ? "FAILED" : status === "WAITING" ? "COMPLETED" : status;
  return `h-2.5 ${LOOKS[shown].bar}`;
}
