/** What the bars mean. */
import clsx from "clsx";
import type { SegmentKind } from "./intervals";
import { segmentLook, SEGMENT_WORDS } from "./looks";

const KINDS: SegmentKind[] = ["queued", "network", "code", "waiting", "backoff"];

export function Legend() {
  return (
    <ul
      aria-label="Legend"
      className="flex shrink-0 flex-wrap gap-x-4 border-t border-line px-3 py-1.5 text-xs text-ink-soft"
    >
      {KINDS.map((kind) => (
        <li key={kind} className="flex items-center gap-1.5">
          <span aria-hidden className={clsx("w-5 rounded-[2px]", segmentLook({ kind }, "COMPLETED"))} />
          {SEGMENT_WORDS[kind]}
        </li>
      ))}
    </ul>
  );
}
