/** What can be done with an app: ask it for its functions, look at how it answers, remove it. */
import { useQuery } from "@tanstack/react-query";
import { RefreshCw, Stethoscope, Trash2 } from "lucide-react";
import { useState } from "react";
import { useKeys } from "../../keys/hooks";
import { Button } from "../../kit/button";
import { Dialog } from "../../kit/dialog";
import { Field, Input } from "../../kit/fields";
import { Failed, Loading } from "../../kit/states";
import { useGo } from "../../url/navigation";
import { paths } from "../../url/paths";
import { probed, useRemove, useSync } from "./actions";
import { ProbeReportView } from "./probe-report";
import type { AppRow } from "./rows";

const icon = "size-3.5";

export function AppActions({ row, name }: { row: AppRow; name: string }) {
  const [asked, ask] = useState<"probe" | "remove">();
  const sync = useSync(name);
  const { url } = row;
  useKeys("App", [
    {
      keys: "s",
      does: "Sync it now",
      run: () => (url !== undefined && !sync.isPending ? sync.mutate() : false),
    },
  ]);
  return (
    <>
      {url !== undefined && (
        <>
          <Button
            icon={<Stethoscope aria-hidden className={icon} />}
            hint="Look at how it answers, stage by stage"
            onClick={() => ask("probe")}
          >
            Check
          </Button>
          <Button
            icon={<RefreshCw aria-hidden className={`${icon} ${sync.isPending ? "animate-spin" : ""}`} />}
            hint="Ask it for its functions"
            keys="s"
            disabled={sync.isPending}
            onClick={() => sync.mutate()}
          >
            Sync now
          </Button>
        </>
      )}
      <Button look="danger" icon={<Trash2 aria-hidden className={icon} />} onClick={() => ask("remove")}>
        Remove…
      </Button>
      {asked === "probe" && url !== undefined && <ProbeDialog url={url} onClose={() => ask(undefined)} />}
      {asked === "remove" && <RemoveDialog name={name} onClose={() => ask(undefined)} />}
    </>
  );
}

function ProbeDialog({ url, onClose }: { url: string; onClose: () => void }) {
  const probe = useQuery({
    queryKey: ["probe", url],
    queryFn: () => probed(url),
    staleTime: 0,
    gcTime: 0,
    retry: false,
  });
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title="How the app answers"
      actions={
        <>
          <Button disabled={probe.isFetching} onClick={() => void probe.refetch()}>
            Check again
          </Button>
          <Button look="primary" onClick={onClose}>
            Done
          </Button>
        </>
      }
    >
      <div className="min-h-52">
        {probe.error ? (
          <Failed what="What is at the URL" error={probe.error} retry={probe.refetch} />
        ) : probe.data ? (
          <ProbeReportView report={probe.data} />
        ) : (
          <Loading what="what is at the URL" />
        )}
      </div>
    </Dialog>
  );
}

function RemoveDialog({ name, onClose }: { name: string; onClose: () => void }) {
  const [typed, setTyped] = useState("");
  const [reason, setReason] = useState("");
  const go = useGo();
  const remove = useRemove(name, () => void go(paths.apps()));
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={`Remove ${name}`}
      description="Nothing starts its functions any more. Its runs and their history stay. It comes back when it registers again."
      actions={
        <>
          {remove.error && (
            <p role="alert" className="mr-auto self-center text-bad">
              {remove.error.message}
            </p>
          )}
          <Button onClick={onClose}>Keep it</Button>
          <Button
            look="danger"
            icon={<Trash2 aria-hidden className={icon} />}
            disabled={typed.trim() !== name || remove.isPending}
            onClick={() => remove.mutate(reason)}
          >
            Remove it
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-3">
        <Field label={`Type ${name} to go on`}>
          {(id) => (
            <Input
              id={id}
              value={typed}
              spellCheck={false}
              autoComplete="off"
              onChange={(event) => setTyped(event.target.value)}
            />
          )}
        </Field>
        <Field label="Reason" note="For the audit log.">
          {(id) => <Input id={id} value={reason} onChange={(event) => setReason(event.target.value)} />}
        </Field>
      </div>
    </Dialog>
  );
}
