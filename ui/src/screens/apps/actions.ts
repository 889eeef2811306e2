/** What people do about apps. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { toast } from "sonner";
import { send } from "../../api/client";
import type { App, ProbeReport, Sync } from "../../api/types";

const at = encodeURIComponent;

function useReadAgain() {
  const client = useQueryClient();
  return () =>
    Promise.all([["apps"], ["dev"], ["functions"]].map((queryKey) => client.invalidateQueries({ queryKey })));
}

/** It is added whether it answers or not; how it answered is told. */
export function useAdd() {
  const readAgain = useReadAgain();
  return useMutation({
    mutationFn: (url: string) => send<Sync>("v2/apps", { url }),
    onSuccess: readAgain,
  });
}

export function useSync(app: string) {
  const readAgain = useReadAgain();
  return useMutation({
    mutationFn: () => send<Sync>(`v2/apps/${at(app)}/syncs`),
    onSuccess: (sync) => {
      if (sync.status === "error") toast.error(sync.error?.message ?? "The app could not be synced");
      else toast.success(syncWords(sync));
      return readAgain();
    },
    onError: (error) => toast.error(error.message),
  });
}

/** A look at what is at a URL: nothing is changed. */
export function probed(url: string): Promise<ProbeReport> {
  return send("v2/apps/probe", { url });
}

export function useRemove(app: string, onDone: () => void) {
  const readAgain = useReadAgain();
  return useMutation({
    mutationFn: (reason: string) => {
      const why = reason.trim();
      return send<App>(`v2/apps/${at(app)}${why === "" ? "" : `?reason=${at(why)}`}`, {}, "DELETE");
    },
    onSuccess: () => {
      toast.success(`${app} is removed`);
      onDone();
      return readAgain();
    },
  });
}

/** `shop is synced: 6 functions`. */
export function syncWords({ status, appId, url, functionCount = 0 }: Sync): string {
  const name = appId ?? url;
  if (status === "pending") return `${name} answers, and will register in a moment`;
  return `${name} is synced: ${functionCount === 1 ? "1 function" : `${functionCount} functions`}`;
}
