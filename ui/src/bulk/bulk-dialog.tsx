/** Doing something to many runs, as an operation in the background: with a preview of what it would be about. */
import { useMutation, useQuery } from "@tanstack/react-query";
import { Ban, RotateCw } from "lucide-react";
import { useState } from "react";
import { send } from "../api/client";
import { queries } from "../api/queries";
import type { Operation } from "../api/types";
import { Button } from "../kit/button";
import { Dialog } from "../kit/dialog";
import { Field, Input } from "../kit/fields";
import { KindChoice, StatusChoice } from "./choices";
import { Preview } from "./preview";
import {
  bodyOf,
  countWords,
  firstWish,
  isTyped,
  needsStatuses,
  needsTyping,
  takesWords,
  type BulkFilter,
  type Kind,
  type Wish,
} from "./wish";

interface Props {
  title: string;
  /** Which runs, in words. */
  description: string;
  /** What can be done to them: one is chosen if there are several. */
  kinds: readonly [Kind, ...Kind[]];
  filter: BulkFilter;
  onClose: () => void;
  onStarted: (operation: Operation) => void;
}

const VERBS: Record<Kind, string> = { cancel: "Cancel", replay: "Replay", resume: "Resume" };
const DOES: Record<Kind, string> = {
  cancel: "would be cancelled",
  replay: "would be replayed",
  resume: "would be resumed",
};
const STOP_NOTES: Record<Kind, string> = {
  cancel: "Of runs that can't be cancelled.",
  replay: "Of runs that can't be started again.",
  resume: "Of runs that can't be started again.",
};

export function BulkDialog({ title, description, kinds, filter, onClose, onStarted }: Props) {
  const [wish, setWish] = useState(() => firstWish(kinds[0]));
  const [typed, setTyped] = useState("");
  const { body, problems } = bodyOf(filter, wish);
  const preview = useQuery({
    ...queries.operationPreview({ kind: body.kind, filter: body.filter }),
    enabled: problems.statuses === undefined,
    staleTime: 0,
    gcTime: 0,
  });
  const start = useMutation({
    mutationFn: () => send<Operation>("v2/bulk-operations", body),
    onSuccess: (operation) => {
      onStarted(operation);
      onClose();
    },
  });
  const found = problems.statuses === undefined ? preview.data : undefined;
  const isReady =
    found !== undefined &&
    found.count > 0 &&
    Object.keys(problems).length === 0 &&
    (!needsTyping(found) || isTyped(typed, found));
  const change = (values: Partial<Wish>) => setWish({ ...wish, ...values });
  const Icon = wish.kind === "cancel" ? Ban : RotateCw;
  const takes = found && takesWords(found, body.ratePerSecond);

  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={title}
      description={description}
      actions={
        <>
          {start.error && (
            <p role="alert" className="mr-auto self-center text-bad">
              {start.error.message}
            </p>
          )}
          <Button onClick={onClose}>Not now</Button>
          <Button
            look={wish.kind === "cancel" ? "danger" : "primary"}
            icon={<Icon aria-hidden className="size-3.5" />}
            disabled={!isReady || start.isPending}
            onClick={() => start.mutate()}
          >
            {VERBS[wish.kind]} {found && countWords(found)}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        {kinds.length > 1 && (
          <KindChoice kinds={kinds} value={wish.kind} onChange={(kind) => change({ kind })} />
        )}
        {needsStatuses(wish.kind, filter) && (
          <StatusChoice
            value={wish.statuses}
            error={problems.statuses}
            onChange={(statuses) => change({ statuses })}
          />
        )}
        {problems.statuses === undefined && <Preview preview={preview} does={DOES[wish.kind]} />}
        <div className="grid gap-3 sm:grid-cols-2">
          <Field label="Runs per second" error={problems.rate} note={takes ?? "Empty: as fast as it goes."}>
            {(id) => (
              <Input
                id={id}
                inputMode="numeric"
                value={wish.rate}
                onChange={(event) => change({ rate: event.target.value })}
              />
            )}
          </Field>
          <Field label="Stop on errors, %" error={problems.stopPercent} note={STOP_NOTES[wish.kind]}>
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
