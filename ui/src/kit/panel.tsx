import clsx from "clsx";
import type { ReactNode } from "react";

export function Panel({
  title,
  actions,
  children,
  className,
}: {
  title?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
  className?: string;
}) {
  return (
    <section
      className={clsx("flex min-h-0 min-w-0 flex-col rounded-lg border border-line bg-surface", className)}
    >
      {(title !== undefined || actions !== undefined) && (
        <header className="flex min-h-10 items-center gap-2 border-b border-line px-3 py-1.5">
          <h2 className="flex-1 truncate font-semibold">{title}</h2>
          {actions}
        </header>
      )}
      {children}
    </section>
  );
}

/** The top of a screen: what it is, and what can be done. */
export function Heading({
  title,
  children,
  note,
}: {
  title: ReactNode;
  children?: ReactNode;
  note?: ReactNode;
}) {
  return (
    <header className="flex flex-wrap items-center gap-x-3 gap-y-2">
      <h1 className="text-lg font-semibold tracking-tight">{title}</h1>
      {note !== undefined && <span className="text-ink-soft">{note}</span>}
      <div className="ml-auto flex flex-wrap items-center gap-2">{children}</div>
    </header>
  );
}

/** Names and values. */
export function Facts({ items }: { items: readonly (readonly [string, ReactNode] | false | undefined)[] }) {
  return (
    <dl className="grid grid-cols-[max-content_minmax(0,1fr)] gap-x-4 gap-y-1.5">
      {items.map((item) =>
        item ? (
          <div key={item[0]} className="contents">
            <dt className="text-ink-soft">{item[0]}</dt>
            <dd className="min-w-0 break-words">{item[1]}</dd>
          </div>
        ) : null,
      )}
    </dl>
  );
}
