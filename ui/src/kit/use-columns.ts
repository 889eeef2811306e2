/** How many columns of a table there is room for: a cell that spans all of them must not make more. */
import { useSyncExternalStore } from "react";

/** As the style sheet has them. */
const WIDTHS = { sm: "40rem", md: "48rem", lg: "64rem", xl: "80rem" } as const;
type From = keyof typeof WIDTHS;

/** Those that are always shown, and one more from each of these widths on. */
export function useColumns(always: number, more: readonly From[]): number {
  const count = () => always + more.filter(isAtLeast).length;
  return useSyncExternalStore(watch, count);
}

const query = (from: From) => window.matchMedia(`(min-width: ${WIDTHS[from]})`);

/** Where there is no layout, there is room for everything. */
function isAtLeast(from: From): boolean {
  return typeof window.matchMedia !== "function" || query(from).matches;
}

function watch(told: () => void): () => void {
  if (typeof window.matchMedia !== "function") return () => undefined;
  const queries = (Object.keys(WIDTHS) as From[]).map(query);
  for (const it of queries) it.addEventListener("change", told);
  return () => {
    for (const it of queries) it.removeEventListener("change", told);
  };
}
