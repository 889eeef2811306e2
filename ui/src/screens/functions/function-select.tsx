/** Of which function something is shown: any, or one by its slug. */
import { useQuery } from "@tanstack/react-query";
import { queries } from "../../api/queries";
import { Select } from "../../kit/fields";

interface Props {
  /** A slug. */
  value: string | undefined;
  onChange: (slug: string | undefined) => void;
}

export function FunctionSelect({ value, onChange }: Props) {
  const functions = useQuery(queries.functions()).data ?? [];
  const isKnown = value === undefined || functions.some((fn) => fn.slug === value);
  const sorted = functions.toSorted((a, b) => (a.name || a.id).localeCompare(b.name || b.id));
  return (
    <Select
      aria-label="Function"
      className="max-w-64 min-w-0"
      value={value ?? ""}
      onChange={({ target }) => onChange(target.value === "" ? undefined : target.value)}
    >
      <option value="">All functions</option>
      {!isKnown && <option value={value}>{value}</option>}
      {sorted.map((fn) => (
        <option key={fn.slug} value={fn.slug}>
          {fn.name || fn.id}
        </option>
      ))}
    </Select>
  );
}
