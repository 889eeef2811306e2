/** A strip for what is worth acting on now, above every screen; nothing most of the time. */
import { useQuery } from "@tanstack/react-query";
import { TriangleAlert } from "lucide-react";
import { useEffect, useState, type ReactNode } from "react";
import { queries } from "../api/queries";
import type { DevApp } from "../api/types";
import { useLiveState, useRefetchOn } from "../live/hooks";
import { Link } from "../url/link";
import { paths } from "../url/paths";

/** A break that is over sooner is not worth a word. */
const BREAK_MS = 4000;

export function Problems() {
  const isAlone = useIsAlone();
  const dev = useQuery(queries.dev());
  useRefetchOn("apps", [["dev"], ["apps"], ["functions"]]);
  const failing = (dev.data?.apps ?? []).filter((app) => reasonOf(app) !== undefined);
  return (
    <div aria-live="polite" className="shrink-0">
      {isAlone && <Strip>The server can't be reached. What is shown may be old; it is tried again.</Strip>}
      {failing.slice(0, 2).map((app) => (
        <Strip key={app.url}>
          <strong className="font-medium">{app.name ?? app.url}</strong> can't be synced: {reasonOf(app)}{" "}
          <Link to={paths.apps()} className="underline">
            See the apps
          </Link>
        </Strip>
      ))}
    </div>
  );
}

export function reasonOf(app: DevApp): string | undefined {
  if (typeof app.error === "string" && app.error !== "") return app.error;
  if (app.error !== null && typeof app.error === "object")
    return app.error.message ?? app.error.code ?? "it was refused.";
  return undefined;
}

function Strip({ children }: { children: ReactNode }) {
  return (
    <div className="flex items-start gap-2 border-b border-line bg-wait-soft px-4 py-1.5 text-ink">
      <TriangleAlert aria-hidden className="mt-0.5 size-4 shrink-0 text-wait" />
      <p className="min-w-0 break-words">{children}</p>
    </div>
  );
}

/** Without the server for a while. */
function useIsAlone(): boolean {
  const state = useLiveState();
  const [isLong, setLong] = useState(false);
  useEffect(() => {
    if (state !== "reconnecting") return undefined;
    const timer = setTimeout(() => setLong(true), BREAK_MS);
    return () => {
      clearTimeout(timer);
      setLong(false);
    };
  }, [state]);
  return isLong && state === "reconnecting";
}
