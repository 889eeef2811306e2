/** Filters that are needed less often: the key of a limit, attributes, and whether another run deferred it. */
import { SlidersHorizontal } from "lucide-react";
import { Popover } from "radix-ui";
import { useState, type FormEvent } from "react";
import type { Attribute } from "../../api/types";
import { Button } from "../../kit/button";
import { Field, Input, Select } from "../../kit/fields";
import { Segments } from "../../kit/segments";
import { compact } from "../../url/search";
import type { RunFilter } from "./params";

interface Props {
  filter: RunFilter;
  attributes: readonly Attribute[];
  onChange: (filter: RunFilter) => void;
}

export function MoreFilters(props: Props) {
  const [isOpen, setOpen] = useState(false);
  return (
    <Popover.Root open={isOpen} onOpenChange={setOpen}>
      <Popover.Trigger asChild>
        <Button icon={<SlidersHorizontal aria-hidden className="size-3.5" />}>More</Button>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          align="end"
          sideOffset={4}
          collisionPadding={8}
          aria-label="More filters"
          className="z-50 w-80 rounded-lg border border-line bg-raised p-3 shadow-panel"
        >
          <Form {...props} onDone={() => setOpen(false)} />
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

const DEFERRED = [
  { value: "any", word: "Any" },
  { value: "true", word: "Yes" },
  { value: "false", word: "No" },
] as const;

function Form({ filter, attributes, onChange, onDone }: Props & { onDone: () => void }) {
  const [key, setKey] = useState(filter.key ?? "");
  const [name, setName] = useState(attributes[0]?.name ?? "");
  const [value, setValue] = useState("");
  const [deferred, setDeferred] = useState<"any" | "true" | "false">(filter.isDeferred ?? "any");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const added = value.trim() === "" ? {} : { [name]: value.trim() };
    const all = { ...filter.attributes, ...added };
    onChange(
      compact({
        ...filter,
        key: key.trim() || undefined,
        isDeferred: deferred === "any" ? undefined : deferred,
        attributes: Object.keys(all).length > 0 ? all : undefined,
      }),
    );
    onDone();
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-3">
      <Field label="Key of a limit" note="Its value, as concurrency, throttle or batches have it.">
        {(id) => (
          <Input
            id={id}
            value={key}
            placeholder="acme"
            spellCheck={false}
            autoComplete="off"
            onChange={(event) => setKey(event.target.value)}
          />
        )}
      </Field>
      {attributes.length > 0 && (
        <div className="grid grid-cols-2 items-end gap-2">
          <Field label="Attribute">
            {(id) => (
              <Select id={id} value={name} onChange={(event) => setName(event.target.value)}>
                {attributes.map((attribute) => (
                  <option key={attribute.name}>{attribute.name}</option>
                ))}
              </Select>
            )}
          </Field>
          <Field label="is">
            {(id) => (
              <Input
                id={id}
                value={value}
                className="w-full"
                autoComplete="off"
                onChange={(event) => setValue(event.target.value)}
              />
            )}
          </Field>
        </div>
      )}
      <div className="flex flex-col items-start gap-1">
        <span className="font-medium">Deferred by another run</span>
        <Segments
          label="Deferred by another run"
          value={deferred}
          options={DEFERRED}
          onChange={setDeferred}
        />
      </div>
      <Button type="submit" look="primary">
        Apply
      </Button>
    </form>
  );
}
