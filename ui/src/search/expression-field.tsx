/**
 * An expression by which runs or events are searched. Names are suggested while it is written; the server is asked about
 * it before it is searched with, so that what is wrong with it is shown where it is.
 */
import clsx from "clsx";
import { Search } from "lucide-react";
import { useId, useRef, useState, type FormEvent, type KeyboardEvent, type ReactNode } from "react";
import { flushSync } from "react-dom";
import { send } from "../api/client";
import { useKeys } from "../keys/hooks";
import { isMac, label } from "../keys/notation";
import { Input } from "../kit/fields";
import { accepted, completionOf, type Completion, type Over } from "./completion";
import { useKnown } from "./use-known";

interface Props {
  over: Over;
  /** The one that is searched with; give the field its `key`, so that it follows the URL. */
  value: string | undefined;
  placeholder: string;
  onChange: (search: string | undefined) => void;
}

interface Verdict {
  isValid: boolean;
  error?: { message: string; excerpt: string };
}

const NAMES = { runs: "Expression that holds for the runs", events: "Expression that holds for the events" };
const TITLES = { runs: "Runs", events: "Events" };

export function ExpressionField({ over, value, placeholder, onChange }: Props) {
  const id = useId();
  const [text, setText] = useState(value ?? "");
  const [problem, setProblem] = useState<ReactNode>();
  const field = useRef<HTMLInputElement>(null);
  const [isFocused, setFocused] = useState(false);
  const known = useKnown(over, isFocused);
  /** Where one writes; none after one has picked, or wants no suggestions. */
  const [caret, setCaret] = useState<number>();
  const [picked, pick] = useState(-1);
  const completion = isFocused && caret !== undefined ? completionOf(text.slice(0, caret), known) : undefined;
  useKeys(TITLES[over], [
    { keys: "f", does: "Search by an expression", run: () => document.getElementById(id)?.focus() },
  ]);
  const apply = async () => {
    const search = text.trim();
    if (search === (value ?? "")) return setProblem(undefined);
    if (search === "") return onChange(undefined);
    try {
      const { isValid, error } = await send<Verdict>("v2/search/validate", { search, over });
      if (isValid) return onChange(search);
      return setProblem(
        <>
          {error?.message}
          <code className="block whitespace-pre">{error?.excerpt}</code>
        </>,
      );
    } catch (error) {
      return setProblem(error instanceof Error ? error.message : String(error));
    }
  };
  const submit = (event: FormEvent | KeyboardEvent) => {
    event.preventDefault();
    void apply();
  };
  const write = (next: string, at: number | undefined) => {
    setText(next);
    setCaret(at);
    pick(-1);
    setProblem(undefined);
  };
  const accept = ({ from, options }: Completion, index: number) => {
    const [next, end] = accepted(text, caret ?? text.length, from, options[index] ?? "");
    // The caret can go behind it once it is there.
    flushSync(() => write(next, undefined));
    field.current?.setSelectionRange(end, end);
  };
  /** Whether the key was one of the list of suggestions. */
  const move = (key: string): boolean => {
    if (!completion) return false;
    const count = completion.options.length;
    if (key === "ArrowDown") pick((picked + 1) % count);
    else if (key === "ArrowUp") pick((picked <= 0 ? count : picked) - 1);
    else if (key === "Escape") setCaret(undefined);
    else if ((key === "Enter" || key === "Tab") && picked >= 0) accept(completion, picked);
    else return false;
    return true;
  };
  return (
    <form className="min-w-56 flex-1" onSubmit={submit}>
      <div className="relative flex items-center">
        <Search aria-hidden className="pointer-events-none absolute left-2 size-3.5 text-ink-faint" />
        <Input
          ref={field}
          id={id}
          role="combobox"
          aria-autocomplete="list"
          aria-expanded={completion !== undefined}
          aria-controls={`${id}-options`}
          aria-activedescendant={completion && picked >= 0 ? `${id}-option-${picked}` : undefined}
          aria-label={NAMES[over]}
          aria-invalid={problem !== undefined}
          aria-describedby={`${id}-problem`}
          aria-keyshortcuts="f"
          title={`Enter or ${label("mod+Enter", isMac())} searches`}
          value={text}
          placeholder={placeholder}
          spellCheck={false}
          autoComplete="off"
          className="w-full !pl-7 font-mono text-xs"
          onKeyDown={(event) => {
            if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) submit(event);
            else if (move(event.key)) event.preventDefault();
          }}
          onFocus={() => setFocused(true)}
          onBlur={() => setFocused(false)}
          onChange={({ target }) => write(target.value, target.selectionStart ?? target.value.length)}
        />
        <ul
          id={`${id}-options`}
          role="listbox"
          aria-label="Suggestions"
          hidden={completion === undefined}
          className="absolute top-full left-0 z-30 mt-1 max-w-full min-w-56 rounded-lg border border-line bg-raised p-1 font-mono text-xs shadow-panel"
        >
          {completion?.options.map((option, i) => (
            <li
              key={option}
              id={`${id}-option-${i}`}
              role="option"
              aria-selected={i === picked}
              // The field keeps the focus.
              onMouseDown={(event) => event.preventDefault()}
              onClick={() => accept(completion, i)}
              className={clsx(
                "flex h-7 cursor-default items-center truncate rounded px-2",
                i === picked ? "bg-accent-soft" : "hover:bg-sunken",
              )}
            >
              {option}
            </li>
          ))}
        </ul>
      </div>
      <div id={`${id}-problem`} role="alert" className="overflow-x-auto text-xs text-bad">
        {problem}
      </div>
    </form>
  );
}
