/** Views that a person saved in this browser: lists of runs by name. They are links, so they can be sent to others. */
import { useMemo } from "react";
import { useSetting } from "../settings";
import { readFilter, writeFilter } from "../screens/runs/params";
import { paths } from "../url/paths";
import { parseSearch, stringifySearch, type Search } from "../url/search";
import type { RunsSearch } from "../url/searches";
import { BUILT_IN, type View } from "./built-in";

export interface SavedView {
  name: string;
  /** As it is in the URL, without the name. */
  search: string;
}

/** A menu with more is no help. */
export const VIEWS_MAX = 50;
export const NAME_MAX = 60;

/** The setting as a text; what is none of ours is left out. */
export function readViews(text: string | undefined): SavedView[] {
  let value: unknown;
  try {
    value = JSON.parse(text ?? "[]");
  } catch {
    return [];
  }
  return Array.isArray(value) ? value.filter(isView).slice(0, VIEWS_MAX) : [];
}

function isView(value: unknown): value is SavedView {
  const { name, search } = (value ?? {}) as Partial<Record<keyof SavedView, unknown>>;
  return typeof name === "string" && name !== "" && typeof search === "string";
}

/** By name; one of the same name is replaced. */
export function withView(views: readonly SavedView[], view: SavedView): SavedView[] {
  const others = views.filter(({ name }) => name !== view.name);
  return [...others, view].toSorted((a, b) => a.name.localeCompare(b.name));
}

/** What a view keeps of a URL: neither its name nor what one is looking at. */
export function searchOf(search: Search): string {
  return stringifySearch({ ...search, view: undefined, peek: undefined });
}

/** The URL of a view: it says the name, so that whoever gets it can save it. */
export function urlOf({ name, search }: SavedView): RunsSearch {
  return { ...writeFilter(readFilter(parseSearch(search))), view: name };
}

export function useSavedViews() {
  const [text, set] = useSetting("views");
  const views = useMemo(() => readViews(text), [text]);
  return {
    views,
    isFull: views.length >= VIEWS_MAX,
    save: (view: SavedView) => set(JSON.stringify(withView(views, view))),
    remove: (name: string) => set(JSON.stringify(views.filter((view) => view.name !== name))),
  };
}

/** All that there are: those that one saved, and those that are built in. */
export function useViews(): readonly View[] {
  const { views } = useSavedViews();
  return [...views.map((view) => ({ name: view.name, to: paths.runs(urlOf(view)) })), ...BUILT_IN];
}
