/**
 * An expression by which runs or events are searched. The server is asked about it before it is searched with, so that
 * what is wrong with it is shown where it is.
 */
import { Search } from "lucide-react";
import { useId, useState, type FormEvent, type KeyboardEvent, type ReactNode } from "react";
import { send } from "../api/client";
import { useKeys } from "../keys/hooks";
import { isMac, label } from "../keys/notation";
import { Input } from "../kit/fields";

interface Props {
  over: "runs" | "events";
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
  return (
    <form className="min-w-56 flex-1" onSubmit={submit}>
      <div className="relative flex items-center">
        <Search aria-hidden className="pointer-events-none absolute left-2 size-3.5 text-ink-faint" />
        <Input
          id={id}
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
          }}
          onChange={(event) => {
            setText(event.target.value);
            setProblem(undefined);
          }}
        />
      </div>
      <div id={`${id}-problem`} role="alert" className="overflow-x-auto text-xs text-bad">
        {problem}
      </div>
    </form>
  );
}
