/** What can be done to a run and to its steps, each with what is said once it is done. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { toast } from "sonner";
import { send } from "../../api/client";

const at = encodeURIComponent;

export interface Rerun {
  /** From the start if there is none. */
  fromStep?: { stepId: string; input?: unknown[] };
}

/** Changes of a run come by the live feed; they are read again for those who have none. */
function useAction<V, R>(run: string, act: (value: V) => Promise<R>, done: (result: R) => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: act,
    onSuccess: (result) => {
      done(result);
      return client.invalidateQueries({ queryKey: ["run", run] });
    },
    onError: (error) => toast.error(error.message),
  });
}

export function useCancel(run: string) {
  return useAction(
    run,
    () => send(`v2/runs/${at(run)}/cancel`),
    () => toast.success("The run is cancelled"),
  );
}

export function useRerun(run: string, open: (run: string) => void) {
  return useAction(
    run,
    (rerun: Rerun) => send<{ runId: string }>(`v2/runs/${at(run)}/rerun`, rerun),
    ({ runId }) => started(runId, open),
  );
}

/** A new run with the steps that succeeded. */
export function useResume(run: string, open: (run: string) => void) {
  return useAction(
    run,
    () => send<{ runId: string }>(`v2/runs/${at(run)}/resume`),
    ({ runId }) => started(runId, open),
  );
}

function started(run: string, open: (run: string) => void): void {
  toast.success("A new run was started", { action: { label: "Open it", onClick: () => open(run) } });
}

export type StepAction = { do: "skip-sleep" | "time-out" | "retry" } | { do: "answer"; payload: unknown };

const DONE: Record<StepAction["do"], string> = {
  "skip-sleep": "The sleep has ended",
  "time-out": "The wait has timed out",
  retry: "The step is tried again",
  answer: "The wait was answered",
};

export function useStepAction(run: string, stepId: string) {
  return useAction(
    run,
    async (action: StepAction) => {
      const body = action.do === "answer" ? { payload: action.payload } : {};
      await send(`v2/runs/${at(run)}/steps/${at(stepId)}/${action.do}`, body);
      return action.do;
    },
    (done) => toast.success(DONE[done]),
  );
}
