/** The name of an event, typed or picked: it holds once it is picked, or left. */
import { useId, useState, type FormEvent } from "react";
import type { Trigger } from "../api/types";
import { Input } from "./fields";

interface Props {
  label: string;
  placeholder: string;
  className: string;
  value: string | undefined;
  /** Names that are suggested. */
  known: readonly string[];
  onChange: (value: string | undefined) => void;
}

export function EventName({ label, placeholder, className, value = "", known, onChange }: Props) {
  const id = useId();
  const [text, setText] = useState(value);
  const apply = (typed: string) => {
    const name = typed.trim();
    if (name !== value) onChange(name === "" ? undefined : name);
  };
  return (
    <form
      className={className}
      onSubmit={(event: FormEvent) => {
        event.preventDefault();
        apply(text);
      }}
    >
      <Input
        aria-label={label}
        list={id}
        value={text}
        placeholder={placeholder}
        autoComplete="off"
        spellCheck={false}
        className="w-full"
        onChange={({ target }) => {
          setText(target.value);
          // One that was picked is meant as it is.
          if (known.includes(target.value) || target.value === "") apply(target.value);
        }}
        onBlur={() => apply(text)}
      />
      <datalist id={id}>
        {known.map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
    </form>
  );
}

/** The names that triggers have, without patterns, and more names. */
export function eventNames(triggers: readonly Trigger[], more: readonly string[] = []): string[] {
  const names = triggers.filter(({ type, value }) => type === "EVENT" && !value.endsWith("*"));
  return [...new Set([...names.map(({ value }) => value), ...more])].sort();
}
