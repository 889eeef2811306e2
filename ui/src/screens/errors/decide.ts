/** What people decide about a group of errors. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { toast } from "sonner";
import { send } from "../../api/client";
import type { ErrorGroup } from "../../api/types";

export type Decision = { do: "resolve" } | { do: "reopen" } | { do: "ignore"; until?: string };

const DONE: Record<Decision["do"], string> = {
  resolve: "Resolved: it opens again when it is seen again",
  reopen: "Open again",
  ignore: "Ignored",
};

export function useDecide(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ do: act, ...body }: Decision) =>
      send<ErrorGroup>(`v2/errors/${encodeURIComponent(id)}/${act}`, body),
    onSuccess: (_, decision) => {
      toast.success(DONE[decision.do]);
      return Promise.all([
        client.invalidateQueries({ queryKey: ["errors"] }),
        client.invalidateQueries({ queryKey: ["error", id] }),
      ]);
    },
    onError: (error) => toast.error(error.message),
  });
}
