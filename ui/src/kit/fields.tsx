import clsx from "clsx";
import { useId, type ComponentProps, type ReactNode, type SelectHTMLAttributes } from "react";

const BOX = "h-7 rounded-md border border-line-strong/60 bg-surface px-2 text-ink";

export function Input({ className, ...rest }: ComponentProps<"input">) {
  return <input className={clsx(BOX, className)} {...rest} />;
}

export function Select({ className, children, ...rest }: SelectHTMLAttributes<HTMLSelectElement>) {
  return (
    <select className={clsx(BOX, className)} {...rest}>
      {children}
    </select>
  );
}

/** A control with its name, and what is wrong with it. */
export function Field({
  label,
  note,
  error,
  children,
}: {
  label: string;
  note?: ReactNode;
  error?: string | undefined;
  children: (id: string) => ReactNode;
}) {
  const id = useId();
  return (
    <div className="flex flex-col gap-1">
      <label htmlFor={id} className="font-medium">
        {label}
      </label>
      {children(id)}
      {note !== undefined && <p className="text-xs text-ink-soft">{note}</p>}
      {error !== undefined && (
        <p role="alert" className="text-xs text-bad">
          {error}
        </p>
      )}
    </div>
  );
}
