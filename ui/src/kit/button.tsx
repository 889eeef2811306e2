import clsx from "clsx";
import type { ButtonHTMLAttributes, ReactNode } from "react";
import { Hint } from "./hint";

interface Props extends ButtonHTMLAttributes<HTMLButtonElement> {
  look?: "plain" | "primary" | "danger" | "ghost";
  /** What it does, and the key for it, shown on hover and focus. */
  hint?: string | undefined;
  keys?: string | undefined;
  icon?: ReactNode;
}

const LOOKS = {
  plain: "border border-line-strong/50 bg-raised text-ink hover:bg-sunken",
  primary: "border border-transparent bg-accent text-on-accent hover:opacity-90 font-medium",
  danger: "border border-bad/50 bg-raised text-bad hover:bg-bad-soft",
  ghost: "border border-transparent text-ink-soft hover:bg-sunken hover:text-ink",
};

export function Button({
  look = "plain",
  hint,
  keys,
  icon,
  className,
  children,
  type = "button",
  ...rest
}: Props) {
  const button = (
    <button
      type={type}
      className={clsx(
        "inline-flex h-7 items-center justify-center gap-1.5 rounded-md whitespace-nowrap select-none disabled:opacity-50",
        children ? "px-2.5" : "w-7 shrink-0",
        LOOKS[look],
        className,
      )}
      {...rest}
    >
      {icon}
      {children}
    </button>
  );
  if (hint === undefined && keys === undefined) return button;
  return (
    <Hint text={hint ?? ""} keys={keys}>
      {button}
    </Hint>
  );
}
