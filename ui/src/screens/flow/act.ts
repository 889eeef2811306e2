/** What people do about flow: each is told as it is done, and what it changed is read again. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { toast } from "sonner";
import { send } from "../../api/client";

export interface Act {
  path: string;
  method?: "POST" | "PUT" | "DELETE";
  body?: unknown;
  /** What is told once it is done. */
  done: string;
}

const at = encodeURIComponent;
const ofFunction = (slug: string, rest: string) => `v2/functions/${at(slug)}/${rest}`;

export interface PauseWish {
  newRuns: "skip" | "queue";
  running: "finish" | "hold" | "cancel";
  reason?: string;
}

export interface OverrideWish {
  value: number;
  key?: string;
  period?: string;
  burst?: number;
  expiresIn?: string;
  reason?: string;
}

export const acts = {
  pause: (slug: string, body: PauseWish): Act => ({ path: ofFunction(slug, "pause"), body, done: "Paused" }),
  resume: (slug: string): Act => ({ path: ofFunction(slug, "resume"), done: "Runs start again" }),
  override: (slug: string, limit: string, body: OverrideWish): Act => ({
    path: ofFunction(slug, `overrides/${at(limit)}`),
    method: "PUT",
    body,
    done: "The limit is set beside the code",
  }),
  restore: (slug: string, limit: string, key?: string | null): Act => ({
    path: ofFunction(slug, `overrides/${at(limit)}${key == null ? "" : `?key=${at(key)}`}`),
    method: "DELETE",
    done: "It goes by the code again",
  }),
  fire: (debounce: string): Act => ({
    path: `v2/debounces/${at(debounce)}/fire`,
    done: "The run starts with the event that was held",
  }),
  flush: (batch: string): Act => ({
    path: `v2/batches/${at(batch)}/flush`,
    done: "The run starts with the events that there are",
  }),
  release: (limit: string, run: string): Act => ({
    path: `v2/holds/${at(limit)}/${at(run)}/release`,
    done: "Another run can take its place; this one goes on",
  }),
};

export function useAct(onDone?: () => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ path, method, body }: Act) => send<unknown>(path, body, method),
    onSuccess: (_, { done }) => {
      toast.success(done);
      onDone?.();
      const keys = [["flow"], ["functions"], ["function"], ["schedules"]];
      return Promise.all(keys.map((queryKey) => client.invalidateQueries({ queryKey })));
    },
    onError: (error) => toast.error(error.message),
  });
}
