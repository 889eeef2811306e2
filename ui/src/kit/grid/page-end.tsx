/** What is below the last row of a list: there is more, how far back was looked, or that these are all. */
import type { ReactNode } from "react";
import { serverClock } from "../../time/clock";
import { useZone, zonedTime } from "../../time/zone";
import { Button } from "../button";
import type { ListPage } from "./use-list";

interface Props {
  page: ListPage;
  /** What the rows are, such as `runs`. */
  what: string;
  /** Once no more can be shown: a list that begins where this one ends. */
  onContinue?: (() => void) | undefined;
}

export function PageEnd({ page, what, onContinue }: Props) {
  const [zone] = useZone();
  const count = page.count.toLocaleString("en-US");
  if (page.error)
    return (
      <Line>
        <span role="alert" className="text-bad">
          More could not be loaded: {page.error.message}
        </span>
        <Button onClick={page.fetch}>Try again</Button>
      </Line>
    );
  if (!page.hasMore)
    return page.count > 0 ? (
      <Line>
        {page.count === 1 ? "That is the only one" : `These are all ${count}`}
        {page.isSearch && " for which it holds"}.
      </Line>
    ) : null;
  if (page.isFull)
    return (
      <Line>
        {count} {what} are shown, as many as can be at once.
        {onContinue && <Button onClick={onContinue}>Go on from here</Button>}
      </Line>
    );
  if (!page.isSearch) return <Line>{page.isFetching ? `Loading more ${what}…` : " "}</Line>;
  return (
    <Line>
      {page.scannedTo !== undefined && (
        <span>
          {count} found, searched back to{" "}
          {zonedTime(Date.parse(page.scannedTo), zone, { now: serverClock.now() })}.
        </span>
      )}
      <Button disabled={page.isFetching} onClick={page.fetch}>
        {page.isFetching ? "Looking…" : "Search further back"}
      </Button>
    </Line>
  );
}

function Line({ children }: { children: ReactNode }) {
  return (
    <div className="flex min-h-12 flex-wrap items-center justify-center gap-3 px-3 py-2 text-ink-soft">
      {children}
    </div>
  );
}
