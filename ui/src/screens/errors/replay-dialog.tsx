/** Running all runs of a group again, as an operation in the background: with a preview of what it would be about. */
import { useMutation, useQuery } from "@tanstack/react-query";
import { RotateCw } from "lucide-react";
import { useState } from "react";
import { send } from "../../api/client";
import type { Operation, OperationPreview } from "../../api/types";
import { Button } from "../../kit/button";
import { Dialog } from "../../kit/dialog";
import { Field, Input } from "../../kit/fields";
import { bodyOf, countWords, FIRST_WISH, isTyped, needsTyping, type Wish } from "./replay";
import { Preview } from "./preview";

interface Props {
  group: string;
  onClose: () => void;
  onStarted: (operation: Operation) => void;
}

const KINDS = [
  ["resume", "Resume", "Keep the steps that succeeded, go on with the one that failed."],
  ["replay", "Replay", "Start again from the event: every step runs again."],
] as const;

export function ReplayDialog({ group, onClose, onStarted }: Props) {
  const [wish, setWish] = useState(FIRST_WISH);
  const [typed, setTyped] = useState("");
  const { body, problems } = bodyOf(group, wish);
  const preview = useQuery({
    queryKey: ["error", group, "preview", wish.kind],
    queryFn: () =>
      send<OperationPreview>("v2/bulk-operations/preview", { kind: body.kind, filter: body.filter }),
    staleTime: 0,
  });
  const start = useMutation({
    mutationFn: () => send<Operation>("v2/bulk-operations", body),
    onSuccess: (operation) => {
      onStarted(operation);
      onClose();
    },
  });
  const found = preview.data;
  const isReady =
    found !== undefined &&
    found.count > 0 &&
    Object.keys(problems).length === 0 &&
    (!needsTyping(found) || isTyped(typed, found));
  const change = (values: Partial<Wish>) => setWish({ ...wish, ...values });

  return (
    <Dialog
      isOpen
      onClose={onClose}
      title="Run all of the group again"
      description="For each run that failed with this error a new run is started, in the background."
      actions={
        <>
          {start.error && (
            <p role="alert" className="mr-auto self-center text-bad">
              {start.error.message}
            </p>
          )}
          <Button onClick={onClose}>Not now</Button>
          <Button
            look="primary"
            icon={<RotateCw aria-hidden className="size-3.5" />}
            disabled={!isReady || start.isPending}
            onClick={() => start.mutate()}
          >
            {wish.kind === "resume" ? "Resume" : "Replay"} {found && countWords(found)}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        <fieldset className="flex flex-col gap-1.5">
          <legend className="sr-only">How</legend>
          {KINDS.map(([kind, word, what]) => (
            <label
              key={kind}
              className="flex cursor-pointer items-start gap-2.5 rounded-lg border border-line px-3 py-2 has-checked:border-accent has-checked:bg-accent-soft"
            >
              <input
                type="radio"
                name="kind"
                className="mt-0.5 size-4 accent-accent"
                checked={wish.kind === kind}
                onChange={() => change({ kind })}
              />
              <span>
                <span className="font-medium">{word}</span>
                <span className="block text-ink-soft">{what}</span>
              </span>
            </label>
          ))}
        </fieldset>
        <Preview preview={preview} />
        <div className="grid gap-3 sm:grid-cols-2">
          <Field label="Runs per second" error={problems.rate} note="Empty: as fast as it goes.">
            {(id) => (
              <Input
                id={id}
                inputMode="numeric"
                value={wish.rate}
                onChange={(event) => change({ rate: event.target.value })}
              />
            )}
          </Field>
          <Field
            label="Stop on errors, %"
            error={problems.stopPercent}
            note="Of runs that can't be started again."
          >
            {(id) => (
              <Input
                id={id}
                inputMode="numeric"
                value={wish.stopPercent}
                onChange={(event) => change({ stopPercent: event.target.value })}
              />
            )}
          </Field>
        </div>
        <Field label="Reason" note="For the audit log.">
          {(id) => (
            <Input id={id} value={wish.reason} onChange={(event) => change({ reason: event.target.value })} />
          )}
        </Field>
        {found && needsTyping(found) && (
          <Field label={`Type ${found.count.toLocaleString("en-US")} to go on`}>
            {(id) => <Input id={id} value={typed} onChange={(event) => setTyped(event.target.value)} />}
          </Field>
        )}
      </div>
    </Dialog>
  );
}
