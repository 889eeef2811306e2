/** What the URL says of apps: which one, or whether those that are archived are listed. */
import { usePathParam, useUrlSearch } from "../../url/navigation";
import { one } from "../../url/search";
import type { AppsSearch } from "../../url/searches";

export function useAppName(): string {
  return usePathParam("app");
}

export type Shown = "connected" | "archived";

export function useShown(): [Shown, (shown: Shown) => void] {
  const { search, set } = useUrlSearch<AppsSearch>();
  const shown = one(search["archived"]) === "yes" ? "archived" : "connected";
  return [shown, (next) => set(next === "archived" ? { archived: "yes" } : {})];
}
