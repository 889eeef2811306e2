/** The top of an operation: what is done to which runs, and the ways to stop it and to let it go on. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { OctagonX, Play } from "lucide-react";
import { toast } from "sonner";
import { send } from "../../api/client";
import type { Operation } from "../../api/types";
import { Button } from "../../kit/button";
import { ConfirmButton } from "../../kit/confirm-button";
import { KINDS, OperationState } from "./looks";
import { shortWords } from "./progress";

const icon = "size-3.5";

export function OperationHeader({ operation }: { operation: Operation }) {
  const { kind, state, id } = operation;
  const words = shortWords(operation);
  const abort = useStep(id, "abort", "It stops after the runs that are under way");
  const resume = useStep(id, "resume", "It goes on where it stopped");
  const canGoOn = state === "ABORTED" || state === "STOPPED";
  return (
    <header className="flex flex-wrap items-start gap-x-3 gap-y-2">
      <div className="flex min-w-0 flex-1 basis-72 flex-col gap-1.5">
        <h1 className="line-clamp-2 text-lg font-semibold tracking-tight break-words" title={operation.words}>
          {KINDS[kind]} {words}
        </h1>
        <span className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <OperationState state={state} pill />
          {state === "STOPPED" && <span className="text-ink-soft">{stoppedWords(operation)}</span>}
          {operation.failure !== undefined && <span className="text-bad">{operation.failure}</span>}
        </span>
      </div>
      <div className="flex flex-wrap gap-2">
        {canGoOn && (
          <Button
            look="primary"
            icon={<Play aria-hidden className={icon} />}
            disabled={resume.isPending}
            onClick={() => resume.mutate()}
          >
            Go on
          </Button>
        )}
        {(state === "RUNNING" || state === "ABORTING") && (
          <ConfirmButton
            again="Abort: press again"
            icon={<OctagonX aria-hidden className={icon} />}
            isDisabled={abort.isPending || state === "ABORTING"}
            onConfirm={() => abort.mutate()}
          >
            Abort
          </ConfirmButton>
        )}
      </div>
    </header>
  );
}

function stoppedWords({ stopOnErrorPercent }: Operation): string {
  return stopOnErrorPercent === undefined ? "too many failed" : `more than ${stopOnErrorPercent} % failed`;
}

function useStep(id: string, step: "abort" | "resume", done: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => send<Operation>(`v2/bulk-operations/${encodeURIComponent(id)}/${step}`),
    onSuccess: () => {
      toast.success(done);
      return Promise.all([
        client.invalidateQueries({ queryKey: ["operation", id] }),
        client.invalidateQueries({ queryKey: ["operations"] }),
      ]);
    },
    onError: (error) => toast.error(error.message),
  });
}
