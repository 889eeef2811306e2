/** A paged list: its grid, or what stands in its place while it loads, once it failed, and when it is empty. */
import type { ReactNode } from "react";
import { Failed, Loading } from "../states";
import { Grid, type GridProps } from "./grid";
import { PageEnd } from "./page-end";
import type { useList } from "./use-list";

type FromList = "rows" | "hasMore" | "onEndReached" | "unseen" | "onShowNew" | "onFollowing" | "end";

interface Props<T extends { id: string }> extends Omit<GridProps<T>, FromList> {
  list: ReturnType<typeof useList<T>>;
  /** What the rows are, such as `runs`. */
  what: string;
  /** Why there are none. */
  empty: ReactNode;
  onContinue?: (() => void) | undefined;
}

export function ListGrid<T extends { id: string }>({ list, what, empty, onContinue, ...rest }: Props<T>) {
  if (list.error && !list.isLoaded)
    return <Failed what={`The ${what}`} error={list.error} retry={list.retry} />;
  if (!list.isLoaded) return <Loading what={`the ${what}`} />;
  const end = <PageEnd page={list.page} what={what} onContinue={onContinue} />;
  // A search that found nothing so far can go on.
  if (list.rows.length === 0 && !list.page.hasMore) return <>{empty}</>;
  return <Grid key={list.key} {...rest} {...list.grid} end={end} />;
}
