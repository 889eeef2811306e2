/** A button that is pressed twice: what it does can't be undone. */
import { useEffect, useState, type ReactNode } from "react";
import { Button } from "./button";

/** Then the first press is forgotten. */
const PATIENCE_MS = 4000;

interface Props {
  children: ReactNode;
  /** What stands on it once it was pressed. */
  again: string;
  icon?: ReactNode;
  isDisabled?: boolean;
  onConfirm: () => void;
}

export function ConfirmButton({ children, again, icon, isDisabled = false, onConfirm }: Props) {
  const [isArmed, setArmed] = useState(false);
  useEffect(() => {
    if (!isArmed) return undefined;
    const timer = setTimeout(() => setArmed(false), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, [isArmed]);
  const press = () => {
    setArmed(!isArmed);
    if (isArmed) onConfirm();
  };
  return (
    <Button
      look={isArmed ? "danger" : "plain"}
      icon={icon}
      disabled={isDisabled}
      onClick={press}
      onBlur={() => setArmed(false)}
    >
      <span aria-live="polite">{isArmed ? again : children}</span>
    </Button>
  );
}
