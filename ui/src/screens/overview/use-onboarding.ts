/** How far somebody has come who is new here: read once when all is done, kept up to date while it is not. */
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { url } from "../../api/client";
import { queries } from "../../api/queries";
import { boot } from "../../boot";
import { useRefetchOn } from "../../live/hooks";
import { appRows } from "../apps/rows";
import { stepsOf, type Step } from "./onboarding";

interface Onboarding {
  /** None while they are not known, and where nobody asks. */
  steps: Step[] | undefined;
  /** Something was missing: until one leaves, also once it is not. */
  isShown: boolean;
  /** It is being found out. */
  isPending: boolean;
}

export function useOnboarding(): Onboarding {
  const [wasMissing, setMissing] = useState(false);
  const isDev = boot.mode === "dev";
  const apps = useInfiniteQuery({ ...queries.apps(), enabled: isDev });
  const dev = useQuery({ ...queries.dev(), enabled: isDev });
  const functions = useQuery({ ...queries.functions(), enabled: isDev });
  const eventQuery = queries.events({ limit: 1 });
  const runQuery = queries.runs({ status: ["COMPLETED", "FAILED"], limit: 1 });
  const events = useInfiniteQuery({ ...eventQuery, enabled: isDev });
  const runs = useInfiniteQuery({ ...runQuery, enabled: isDev });
  const isKnown = apps.data && dev.data && functions.data && events.data && runs.data;
  const steps = isKnown
    ? stepsOf({
        origin: new URL(url(""), document.baseURI).origin,
        apps: appRows(
          apps.data.pages.flatMap((page) => page.items),
          [],
        ).filter(({ isThere }) => isThere).length,
        entries: dev.data.apps,
        functions: functions.data,
        hasEvent: events.data.pages.some((page) => page.items.length > 0),
        hasEndedRun: runs.data.pages.some((page) => page.items.length > 0),
      })
    : undefined;
  const isMissing = (id: Step["id"]) => steps?.some((step) => step.id === id && !step.isDone) ?? false;
  useRefetchOn(isMissing("event") ? "events" : undefined, [eventQuery.queryKey]);
  useRefetchOn(isMissing("run") ? "runs" : undefined, [runQuery.queryKey]);
  if (!wasMissing && steps?.some(({ isDone }) => !isDone)) setMissing(true);
  const isFailed = [apps, dev, functions, events, runs].some(({ error }) => error !== null);
  return { steps, isShown: wasMissing, isPending: isDev && !steps && !isFailed };
}
