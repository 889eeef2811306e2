import { Tooltip } from "radix-ui";
import type { ReactNode } from "react";

/** A word about what is pointed at or focused. */
export function Hint({
  text,
  keys,
  children,
}: {
  text: string;
  keys?: string | undefined;
  children: ReactNode;
}) {
  return (
    <Tooltip.Root>
      <Tooltip.Trigger asChild>{children}</Tooltip.Trigger>
      <Tooltip.Portal>
        <Tooltip.Content
          sideOffset={6}
          className="z-50 max-w-80 rounded-md bg-ink px-2 py-1 text-xs text-surface shadow-panel"
        >
          {text}
          {keys !== undefined && <Keys keys={keys} className="ml-2 opacity-80" />}
        </Tooltip.Content>
      </Tooltip.Portal>
    </Tooltip.Root>
  );
}

/** `g r` as keys. */
export function Keys({ keys, className = "" }: { keys: string; className?: string }) {
  return (
    <span className={`inline-flex gap-1 ${className}`}>
      {keys.split(" ").map((key, i) => (
        <kbd key={i} className="rounded border border-current/30 px-1 font-sans text-[11px] leading-4">
          {key}
        </kbd>
      ))}
    </span>
  );
}
