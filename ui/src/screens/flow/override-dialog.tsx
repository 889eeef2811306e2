/** Setting a limit beside the code, for all or for one value of its key, for good or for a while. */
import { SlidersHorizontal } from "lucide-react";
import { useState } from "react";
import { Button } from "../../kit/button";
import { Dialog } from "../../kit/dialog";
import { Field, Input } from "../../kit/fields";
import { acts, useAct } from "./act";
import type { LimitRow } from "./limits";
import { formOf, isLower, isRate, overrideOf, type OverrideForm } from "./override";
import { LIMITS } from "./words";

interface Props {
  slug: string;
  row: LimitRow;
  onClose: () => void;
}

export function OverrideDialog({ slug, row, onClose }: Props) {
  const { name, code, expression } = row;
  const [form, setForm] = useState<OverrideForm>(() => formOf(row));
  const [isTried, setTried] = useState(false);
  const { mutate, isPending, error } = useAct(onClose);
  const { wish, problems: found } = overrideOf(name, form);
  const problems = isTried ? found : {};
  const needsTyping = isLower(row, form);
  const isTyped = !needsTyping || form.typed.trim() === slug;
  const submit = () => {
    setTried(true);
    if (isTyped && Object.keys(found).length === 0) mutate(acts.override(slug, name, wish));
  };
  const input = (member: keyof OverrideForm, rest: { placeholder?: string; inputMode?: "numeric" } = {}) =>
    function field(id: string) {
      return (
        <Input
          id={id}
          value={form[member]}
          autoComplete="off"
          onChange={(event) => setForm({ ...form, [member]: event.target.value })}
          {...rest}
        />
      );
    };
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={`${LIMITS[name]} of ${slug}`}
      description="It goes before what the code says, also when the app is synced again."
      actions={
        <>
          {error && (
            <p role="alert" className="mr-auto self-center text-bad">
              {error.message}
            </p>
          )}
          <Button onClick={onClose}>Not now</Button>
          <Button
            look="primary"
            icon={<SlidersHorizontal aria-hidden className="size-3.5" />}
            disabled={isPending || !isTyped}
            onClick={submit}
          >
            Set it
          </Button>
        </>
      }
    >
      <div className="grid gap-3 sm:grid-cols-2">
        <Field
          label={isRate(name) ? "How many in a period" : "How many at once"}
          error={problems.value}
          note={code ? `The code says ${code.value.toLocaleString("en-US")}.` : "The code has no such limit."}
        >
          {input("value", { inputMode: "numeric" })}
        </Field>
        {isRate(name) && (
          <Field label="Period" error={problems.period} note="Empty: as the code has it.">
            {input("period", { placeholder: code?.period ?? "1m" })}
          </Field>
        )}
        {name === "throttle" && (
          <Field label="Burst" error={problems.burst} note="So many may go at once.">
            {input("burst", { inputMode: "numeric" })}
          </Field>
        )}
        {expression !== undefined && (
          <Field
            label="Only for the key"
            note={
              <>
                A value of <code className="font-mono">{expression}</code>. Empty: for all.
              </>
            }
          >
            {input("key")}
          </Field>
        )}
        <Field label="For how long" error={problems.expiresIn} note="Empty: until somebody takes it back.">
          {input("expiresIn", { placeholder: "2h" })}
        </Field>
        <div className="sm:col-span-2">
          <Field label="Reason" note="It is shown beside the limit, and is in the audit log.">
            {input("reason")}
          </Field>
        </div>
        {needsTyping && (
          <div className="sm:col-span-2">
            <Field label={`Type ${slug} to make it lower`} note="Calls above it wait from then on.">
              {input("typed")}
            </Field>
          </div>
        )}
      </div>
    </Dialog>
  );
}
