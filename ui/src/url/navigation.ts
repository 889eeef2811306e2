/** Going to a screen, and what the URL of the present one says. */
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import type { Address } from "./paths";
import { one, type Search } from "./search";

export function useGo(): (to: Address) => Promise<void> {
  const navigate = useNavigate();
  return ({ path, search = {} }) => navigate({ to: path, search });
}

/** Parts of paths that name what a screen is about. */
type PathParam = "run" | "event" | "app" | "function" | "group" | "operation";

export function usePathParam(name: PathParam): string {
  const params: Record<string, unknown> = useParams({ strict: false });
  return one(params[name]) ?? "";
}

export interface UrlSearch<S extends object> {
  search: Search;
  /** Says this and nothing else; one can go back from it. */
  set: (search: S) => void;
  /** The same, in the place of what was said before: there is no way back to each letter that was typed. */
  replace: (search: S) => void;
  /** Changes some of it and keeps the rest, in the place of what was said before. */
  merge: (change: S | ((before: Search) => S)) => void;
}

/** What the URL says after `?`: `S` is what this screen may say. */
export function useUrlSearch<S extends object>(): UrlSearch<S> {
  const search: Search = useSearch({ strict: false });
  const navigate = useNavigate();
  return {
    search,
    set: (next) => void navigate({ to: ".", search: next }),
    replace: (next) => void navigate({ to: ".", search: next, replace: true }),
    merge: (change) =>
      void navigate({
        to: ".",
        search: (before: Search) => ({
          ...before,
          ...(typeof change === "function" ? change(before) : change),
        }),
        replace: true,
      }),
  };
}
