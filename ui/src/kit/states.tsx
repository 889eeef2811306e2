/**
 * What stands in the place of data: loading, empty with the reason, failed with a way on. An error is never drawn as an
 * empty list.
 */
import { CircleAlert, Inbox } from "lucide-react";
import type { ReactNode } from "react";
import { ApiError } from "../api/client";
import { Button } from "./button";

export function Loading({ what }: { what: string }) {
  return (
    <div role="status" className="flex flex-col gap-2 p-4" aria-label={`Loading ${what}`}>
      {[72, 56, 64, 40].map((width) => (
        <div key={width} className="h-4 animate-pulse rounded bg-sunken" style={{ width: `${width}%` }} />
      ))}
    </div>
  );
}

export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="flex flex-col items-center gap-2 px-6 py-12 text-center text-ink-soft">
      <Inbox aria-hidden className="size-7 text-ink-faint" />
      <p className="text-sm font-medium text-ink">{title}</p>
      {children !== undefined && <div className="max-w-prose">{children}</div>}
    </div>
  );
}

export function Failed({ what, error, retry }: { what: string; error: Error; retry?: () => unknown }) {
  const isGone = error instanceof ApiError && error.isNotFound;
  return (
    <div role="alert" className="flex flex-col items-center gap-3 px-6 py-12 text-center">
      <CircleAlert aria-hidden className="size-7 text-bad" />
      <p className="text-sm font-medium">{isGone ? `${what}: not found` : `${what} could not be loaded`}</p>
      <p className="max-w-prose text-ink-soft">{error.message}</p>
      {error instanceof ApiError && error.status > 0 && (
        <p className="font-mono text-xs text-ink-faint">
          HTTP {error.status} · {error.code}
        </p>
      )}
      {retry && <Button onClick={() => void retry()}>Try again</Button>}
    </div>
  );
}
