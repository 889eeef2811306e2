/** A part of what is shown of a function. */
import type { ReactNode } from "react";

export function Section({ title, note, children }: { title: string; note?: ReactNode; children: ReactNode }) {
  return (
    <section aria-label={title} className="shrink-0 pb-2">
      <h3 className="flex items-baseline gap-2 px-3 pt-2.5 pb-1 font-semibold">
        {title}
        {note !== undefined && <span className="font-normal text-ink-soft">{note}</span>}
      </h3>
      <div className="overflow-x-auto">{children}</div>
    </section>
  );
}

/** The head of a small table within a section: it does not stay in sight. */
export function SmallHead({ children }: { children: ReactNode }) {
  return (
    <thead className="text-left text-xs text-ink-soft">
      <tr className="border-b border-line">{children}</tr>
    </thead>
  );
}
