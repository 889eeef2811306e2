/** Adding an app by its URL, or only looking at what is there. */
import { useMutation } from "@tanstack/react-query";
import { Plus, Stethoscope } from "lucide-react";
import { useState, type FormEvent } from "react";
import { toast } from "sonner";
import { Button } from "../../kit/button";
import { Dialog } from "../../kit/dialog";
import { Field, Input } from "../../kit/fields";
import { probed, syncWords, useAdd } from "./actions";
import { ProbeReportView } from "./probe-report";

const icon = "size-3.5";

export function AddDialog({ onClose }: { onClose: () => void }) {
  const [url, setUrl] = useState("");
  const [isTried, setTried] = useState(false);
  const add = useAdd();
  const probe = useMutation({ mutationFn: probed });
  const typed = url.trim();
  const isBusy = add.isPending || probe.isPending;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (typed === "" || isBusy) return;
    add.mutate(typed, {
      onSuccess: (sync) => {
        if (sync.status === "error") return probe.mutate(typed);
        toast.success(syncWords(sync));
        return onClose();
      },
    });
  };
  const check = () => {
    setTried(true);
    add.reset();
    if (typed !== "") probe.mutate(typed);
  };
  const error = isTried && typed === "" ? "Where is it?" : (add.error ?? probe.error)?.message;
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title="Add an app"
      description="Apps register themselves when they start. Add one by hand if it does not know this server."
    >
      <form noValidate className="flex flex-col gap-3" onSubmit={submit}>
        <Field label="URL" note="Where it serves its functions." error={error}>
          {(id) => (
            <Input
              id={id}
              type="url"
              autoFocus
              value={url}
              placeholder="http://localhost:3000/api/inngest"
              spellCheck={false}
              autoComplete="off"
              onChange={(event) => setUrl(event.target.value)}
            />
          )}
        </Field>
        {add.data?.status === "error" && (
          <p role="status" className="rounded-lg bg-wait-soft px-3 py-2 text-wait">
            It is added, but could not be synced. It is asked again until it answers.
          </p>
        )}
        {probe.data && <ProbeReportView report={probe.data} />}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>{add.data ? "Done" : "Not now"}</Button>
          <Button icon={<Stethoscope aria-hidden className={icon} />} disabled={isBusy} onClick={check}>
            Only check it
          </Button>
          <Button type="submit" look="primary" icon={<Plus aria-hidden className={icon} />} disabled={isBusy}>
            Add
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
