/** Rows that were told, put into the pages of a list. */
import type { InfiniteData } from "@tanstack/react-query";
import type { List } from "../api/client";

type Pages<T> = InfiniteData<List<T>>;

/** The same pages if nothing of them was told. What a row does not say stays as it was. */
export function mergeRows<T extends { id: string }>(data: Pages<T>, rows: readonly T[]): Pages<T> {
  const told = new Map(rows.map((row) => [row.id, row]));
  let isChanged = false;
  const pages = data.pages.map((page) => {
    if (!page.items.some((item) => told.has(item.id))) return page;
    isChanged = true;
    return { ...page, items: page.items.map((item) => ({ ...item, ...told.get(item.id) })) };
  });
  return isChanged ? { ...data, pages } : data;
}

/** Ids of rows that no page has, and that are newer than the first: ids are ordered by time. */
export function unseenRows<T extends { id: string }>(data: Pages<T>, rows: readonly T[]): string[] {
  const first = data.pages[0]?.items[0]?.id ?? "";
  return rows.map((row) => row.id).filter((id) => id > first);
}
