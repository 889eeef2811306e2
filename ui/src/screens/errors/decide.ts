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

export function useDecide() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ id, do: act, ...body }: Decision & { id: string }) =>
      send<ErrorGroup>(`v2/errors/${encodeURIComponent(id)}/${act}`, body),
    onSuccess: (_, { id, do: act }) => {
      toast.success(DONE[act]);
      return Promise.all([
        client.invalidateQueries({ queryKey: ["errors"] }),
        client.invalidateQueries({ queryKey: ["error", id] }),
      ]);
    },
    onError: (error) => toast.error(error.message),
  });
}
