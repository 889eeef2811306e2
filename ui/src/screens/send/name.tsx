/** The name of an event, and the functions that it would trigger. */
import { useQuery } from "@tanstack/react-query";
import { useId } from "react";
import { queries } from "../../api/queries";
import type { Function } from "../../api/types";
import { Input } from "../../kit/fields";
import { Link } from "../../url/link";
import { paths } from "../../url/paths";
import { pulls } from "../event/evaluation";

interface Props {
  value: string;
  error: string | undefined;
  onChange: (name: string) => void;
}

export function Name({ value, error, onChange }: Props) {
  const id = useId();
  const functions = useQuery(queries.functions());
  const known = namesOf(functions.data ?? []);
  return (
    <div className="flex flex-col gap-1.5 px-3 py-2.5">
      <div className="flex items-center gap-3">
        <label htmlFor={id} className="font-medium">
          Name
        </label>
        <Input
          id={id}
          list={`${id}-known`}
          value={value}
          autoComplete="off"
          spellCheck={false}
          placeholder="shop/order.placed"
          aria-invalid={error !== undefined}
          aria-describedby={`${id}-note`}
          className="min-w-0 flex-1 font-mono text-xs"
          onChange={(event) => onChange(event.target.value)}
        />
        <datalist id={`${id}-known`}>
          {known.map((name) => (
            <option key={name} value={name} />
          ))}
        </datalist>
      </div>
      <div id={`${id}-note`} className="min-h-5 text-ink-soft">
        {error === undefined ? (
          functions.data && <Triggered name={value.trim()} functions={functions.data} />
        ) : (
          <span role="alert" className="text-bad">
            {error}
          </span>
        )}
      </div>
    </div>
  );
}

function Triggered({ name, functions }: { name: string; functions: readonly Function[] }) {
  if (name === "") return "Names that functions are triggered by are suggested.";
  const triggered = functions.filter((fn) => (fn.triggers ?? []).some((trigger) => pulls(trigger, name)));
  if (triggered.length === 0)
    return <span className="text-wait">No function is triggered by this name.</span>;
  return (
    <ul aria-label="Functions that it triggers" className="flex flex-wrap gap-x-3 gap-y-0.5">
      {triggered.map((fn) => (
        <li key={fn.slug} className="flex min-w-0 flex-wrap items-center gap-x-1.5">
          <span aria-hidden className="text-ink-faint">
            →
          </span>
          <Link
            to={paths.function(fn.app.id, fn.id)}
            className="inline-flex min-h-6 items-center text-accent hover:underline"
          >
            {fn.name || fn.id}
          </Link>
          {fn.isPaused && <span className="text-wait">paused</span>}
          {conditionsOf(fn, name).map((condition) => (
            <span key={condition} className="min-w-0 truncate" title={condition}>
              if <code className="text-xs">{condition}</code>
            </span>
          ))}
        </li>
      ))}
    </ul>
  );
}

function conditionsOf(fn: Function, name: string): string[] {
  return (fn.triggers ?? []).flatMap((trigger) => (pulls(trigger, name) && trigger.if ? [trigger.if] : []));
}

/** Patterns are no names. */
function namesOf(functions: readonly Function[]): string[] {
  const names = functions.flatMap((fn) =>
    (fn.triggers ?? []).flatMap(({ type, value }) =>
      type === "EVENT" && !value.endsWith("*") ? [value] : [],
    ),
  );
  return [...new Set(names)].filter((name) => !name.startsWith("inngest/")).sort();
}
