/** A paged list as a grid shows it: pages are read as they are scrolled to, and rows are kept as they are now. */
import { useInfiniteQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import type { List } from "../../api/client";
import type { ListQuery } from "../../api/queries";
import { useLiveList } from "../../live/hooks";

/** More rows are not held at once. */
export const ROWS_MAX = 5000;

const NO_PAGES: readonly never[] = [];

interface Options<T> {
  /** The topic of the live feed that tells of the rows. */
  topic?: string;
  /** Whether a row that is told of belongs to the list; see `useLiveList`. */
  belongs?: (row: T) => boolean | undefined;
  /** The list is searched: how far back is for people to say, not for scrolling. */
  isSearch?: boolean;
  /** New rows wait, though nobody looks at one: such as while some are selected. */
  isHeld?: boolean;
}

export function useList<T extends { id: string }>(
  query: ListQuery<T>,
  { topic, belongs, isSearch = false, isHeld = false }: Options<T> = {},
) {
  const result = useInfiniteQuery(query);
  const { data, error, hasNextPage, isFetching, isFetchNextPageError, fetchNextPage } = result;
  const pages: readonly List<T>[] = data?.pages ?? NO_PAGES;
  const rows = useMemo(() => pages.flatMap((page) => page.items), [pages]);
  const [isFollowing, setFollowing] = useState(true);
  const { unseen, show } = useLiveList<T>(topic, query.queryKey, {
    // Where there is no row none can move.
    isFollowing: (isFollowing || rows.length === 0) && !isHeld,
    ...(belongs ? { belongs } : {}),
  });
  const isFull = rows.length >= ROWS_MAX;
  const canReachEnd = hasNextPage && !isFetching && !isFetchNextPageError && !isSearch && !isFull;
  return {
    /** Another list begins at its top. */
    key: JSON.stringify(query.queryKey),
    rows,
    pages,
    error,
    isLoaded: data !== undefined,
    retry: result.refetch,
    page: {
      count: rows.length,
      hasMore: hasNextPage,
      isFull,
      isSearch,
      isFetching: result.isFetchingNextPage,
      error: isFetchNextPageError ? error : null,
      scannedTo: isSearch ? pages.at(-1)?.page.scannedTo : undefined,
      fetch: () => void fetchNextPage(),
    },
    /** Of `Grid`. */
    grid: {
      rows,
      hasMore: hasNextPage,
      onEndReached: canReachEnd ? () => void fetchNextPage() : undefined,
      unseen,
      onShowNew: show,
      onFollowing: setFollowing,
    },
  };
}

export type ListPage = ReturnType<typeof useList>["page"];
