/** One thing to know of what a screen is about, in a list of them: its name and its value, beside each other. */
import type { ReactNode } from "react";

export function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="flex min-h-6 min-w-0 items-center gap-1.5">
      <dt className="whitespace-nowrap text-ink-faint">{name}</dt>
      <dd className="min-w-0 truncate text-ink">{children}</dd>
    </div>
  );
}
