/** A text by its lines, of which only those in view are in the page. */
import { useVirtualizer } from "@tanstack/react-virtual";
import { useMemo, useRef } from "react";

const LINE = 19;
/** Fewer are all in the page, so that they can be selected and found by the browser. */
const VIRTUAL_MIN = 1000;

export function TextLines({ text, what }: { text: string; what: string }) {
  const lines = useMemo(() => text.split("\n"), [text]);
  const area = "min-h-0 flex-1 overflow-auto font-mono text-xs leading-[19px]";
  if (lines.length < VIRTUAL_MIN) {
    return (
      <pre
        tabIndex={0}
        aria-label={`Text of the ${what}`}
        className={`${area} p-2 break-words whitespace-pre-wrap`}
      >
        {text}
      </pre>
    );
  }
  return <ManyLines lines={lines} what={what} className={area} />;
}

function ManyLines({ lines, what, className }: { lines: string[]; what: string; className: string }) {
  const area = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => area.current,
    estimateSize: () => LINE,
    overscan: 10,
  });
  return (
    <div ref={area} tabIndex={0} role="region" aria-label={`Text of the ${what}`} className={className}>
      <div className="relative" style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map((item) => (
          <div
            key={item.key}
            className="absolute left-0 px-2 whitespace-pre"
            style={{ transform: `translateY(${item.start}px)` }}
          >
            {lines[item.index]}
          </div>
        ))}
      </div>
    </div>
  );
}
