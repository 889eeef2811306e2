/** One of a few, all of them in sight. */
import clsx from "clsx";
import type { ReactNode } from "react";

interface Props<T extends string> {
  label: string;
  value: T;
  onChange: (value: T) => void;
  options: readonly { value: T; word: ReactNode }[];
}

export function Segments<T extends string>({ label, value, onChange, options }: Props<T>) {
  return (
    <div
      role="group"
      aria-label={label}
      className="inline-flex h-7 items-stretch rounded-md border border-line-strong/50 bg-raised p-px"
    >
      {options.map((option) => (
        <button
          key={option.value}
          type="button"
          aria-pressed={option.value === value}
          onClick={() => onChange(option.value)}
          className={clsx(
            "rounded-[5px] px-2.5 whitespace-nowrap select-none",
            option.value === value
              ? "bg-accent-soft font-medium text-ink"
              : "text-ink-soft hover:bg-sunken hover:text-ink",
          )}
        >
          {option.word}
        </button>
      ))}
    </div>
  );
}
