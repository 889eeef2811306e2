/** Filters that no field shows, each with a way to be rid of it. */
import { X } from "lucide-react";
import type { ReactNode } from "react";
import { Link } from "../../url/link";
import { compact } from "../../url/search";
import { paths } from "../../url/paths";
import type { RunFilter } from "./params";

interface Props {
  filter: RunFilter;
  onChange: (filter: RunFilter) => void;
}

export function Chips({ filter, onChange }: Props) {
  const { key, errorGroup, operation, isDeferred, attributes = {} } = filter;
  const without = (changes: { [K in keyof RunFilter]?: RunFilter[K] | undefined }) => () =>
    onChange(compact({ ...filter, ...changes }));
  const withoutAttribute = (name: string) => {
    const rest = Object.fromEntries(Object.entries(attributes).filter(([it]) => it !== name));
    return without({ attributes: Object.keys(rest).length > 0 ? rest : undefined });
  };
  const chips = [
    key !== undefined && (
      <Chip key="key" name="key" onRemove={without({ key: undefined })}>
        {key}
      </Chip>
    ),
    errorGroup !== undefined && (
      <Chip key="error" name="error" onRemove={without({ errorGroup: undefined })}>
        <Link
          to={paths.errorGroup(errorGroup)}
          className="inline-flex h-6 items-center text-accent hover:underline"
        >
          {errorGroup.slice(0, 8)}…
        </Link>
      </Chip>
    ),
    operation !== undefined && (
      <Chip key="operation" name="operation" onRemove={without({ operation: undefined })}>
        <Link
          to={paths.operation(operation)}
          className="inline-flex h-6 items-center text-accent hover:underline"
        >
          {operation}
        </Link>
      </Chip>
    ),
    isDeferred !== undefined && (
      <Chip key="deferred" name="deferred" onRemove={without({ isDeferred: undefined })}>
        {isDeferred === "true" ? "yes" : "no"}
      </Chip>
    ),
    ...Object.entries(attributes).map(([name, value]) => (
      <Chip key={`attr.${name}`} name={name} onRemove={withoutAttribute(name)}>
        {value}
      </Chip>
    )),
  ].filter(Boolean);
  if (chips.length === 0) return null;
  return <ul className="flex flex-wrap gap-1.5">{chips}</ul>;
}

function Chip({ name, onRemove, children }: { name: string; onRemove: () => void; children: ReactNode }) {
  return (
    <li className="inline-flex h-6 max-w-full items-center rounded-full border border-line bg-surface pl-2.5 text-xs">
      <span className="text-ink-soft">{name}</span>
      <span className="ml-1.5 truncate font-medium">{children}</span>
      <button
        type="button"
        aria-label={`Without the filter ${name}`}
        onClick={onRemove}
        className="ml-1 flex size-6 items-center justify-center rounded-full text-ink-soft hover:bg-sunken hover:text-ink"
      >
        <X aria-hidden className="size-3" />
      </button>
    </li>
  );
}
