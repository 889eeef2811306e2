/** Pausing a function: what becomes of new runs, and of those that there are. */
import { CirclePause } from "lucide-react";
import { useState } from "react";
import { Button } from "../../kit/button";
import { Choice } from "../../kit/choice";
import { Dialog } from "../../kit/dialog";
import { Field, Input } from "../../kit/fields";
import { acts, useAct, type PauseWish } from "./act";

const NEW_RUNS = [
  ["queue", "Queue them", "They start once the function is resumed."],
  ["skip", "Skip them", "They never start: the events are kept, and say so."],
] as const;

const RUNNING = [
  ["finish", "Let them finish", "They go on to their end."],
  ["hold", "Hold them", "They make no further calls until the function is resumed."],
  ["cancel", "Cancel them", "They end now, and can't be gone on with."],
] as const;

interface Props {
  slug: string;
  onClose: () => void;
}

export function PauseDialog({ slug, onClose }: Props) {
  const [wish, setWish] = useState<PauseWish>({ newRuns: "queue", running: "finish" });
  const [reason, setReason] = useState("");
  const { mutate, isPending, error } = useAct(onClose);
  const pause = () =>
    mutate(acts.pause(slug, { ...wish, ...(reason.trim() === "" ? {} : { reason: reason.trim() }) }));
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={`Pause ${slug}`}
      description="Events are still taken in. It stays so until somebody resumes it."
      actions={
        <>
          {error && (
            <p role="alert" className="mr-auto self-center text-bad">
              {error.message}
            </p>
          )}
          <Button onClick={onClose}>Not now</Button>
          <Button
            look={wish.running === "cancel" ? "danger" : "primary"}
            icon={<CirclePause aria-hidden className="size-3.5" />}
            disabled={isPending}
            onClick={pause}
          >
            {wish.running === "cancel" ? "Pause, and cancel its runs" : "Pause"}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        <Choice
          title="New runs"
          options={NEW_RUNS}
          value={wish.newRuns}
          onChange={(newRuns) => setWish({ ...wish, newRuns })}
        />
        <Choice
          title="Runs that there are"
          options={RUNNING}
          value={wish.running}
          onChange={(running) => setWish({ ...wish, running })}
        />
        <Field label="Reason" note="Whoever looks at the function sees it; it is in the audit log, too.">
          {(id) => <Input id={id} value={reason} onChange={(event) => setReason(event.target.value)} />}
        </Field>
      </div>
    </Dialog>
  );
}
