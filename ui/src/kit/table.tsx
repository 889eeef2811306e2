/** The parts of plain tables: a head that stays in sight, and cells on one grid. */
import clsx from "clsx";
import type { ReactNode } from "react";

export function TableHead({ children }: { children: ReactNode }) {
  return (
    <thead className="sticky top-0 z-10 bg-surface text-left text-xs text-ink-soft shadow-[inset_0_-1px_0_var(--line)]">
      <tr>{children}</tr>
    </thead>
  );
}

interface HeadProps {
  children?: ReactNode;
  isNumber?: boolean;
  className?: string;
}

export function Head({ children, isNumber = false, className }: HeadProps) {
  return (
    <th
      scope="col"
      className={clsx(
        "h-8 truncate px-3 font-medium max-sm:px-2 whitespace-nowrap",
        isNumber && "text-right",
        className,
      )}
    >
      {children}
    </th>
  );
}

interface CellProps {
  children?: ReactNode;
  isNumber?: boolean;
  className?: string;
  title?: string | undefined;
}

export function Cell({ children, isNumber = false, className, title }: CellProps) {
  return (
    <td
      title={title}
      className={clsx("truncate px-3 py-1.5 max-sm:px-2", isNumber && "text-right", className)}
    >
      {children}
    </td>
  );
}

/** The row that is pointed at, or that has the focus. */
export const ROW = "hover:bg-sunken/60 focus-within:bg-accent-soft/60";
