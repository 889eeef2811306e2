/** What the URL says of a run: which, what is selected of it, and how one looks at it. */
import { usePathParam, useUrlSearch } from "../../url/navigation";
import { one, type Search } from "../../url/search";
import type { RunSearch as UrlOfRun } from "../../url/searches";
import type { View } from "../../waterfall";

export interface RunSearch {
  /** Id of a span; the run itself if there is none. */
  step: string | undefined;
  tab: string | undefined;
  view: View;
  isCritical: boolean;
}

export function readRunSearch(search: Search): RunSearch {
  const [from, to] = [milliseconds(search["t0"]), milliseconds(search["t1"])];
  const idle = one(search["idle"]);
  return {
    step: one(search["step"]),
    tab: one(search["tab"]),
    view: {
      window: from !== undefined && to !== undefined && to > from ? { from, to } : undefined,
      openGaps:
        idle === "all"
          ? "all"
          : (idle ?? "")
              .split(" ")
              .map(milliseconds)
              .filter((it) => it !== undefined),
    },
    isCritical: one(search["path"]) === "critical",
  };
}

export function writeRunSearch({ step, tab, view, isCritical }: RunSearch): UrlOfRun {
  const { window, openGaps } = view;
  return {
    step,
    tab,
    t0: window && String(window.from),
    t1: window && String(window.to),
    idle: openGaps === "all" ? "all" : openGaps.length > 0 ? openGaps.join(" ") : undefined,
    path: isCritical ? "critical" : undefined,
  };
}

function milliseconds(value: unknown): number | undefined {
  const text = one(value);
  return text !== undefined && /^\d{1,13}$/.test(text) ? Number(text) : undefined;
}

export function useRunId(): string {
  return usePathParam("run");
}

export function useRunSearch(): [RunSearch, (change: Partial<RunSearch>) => void] {
  const { search, merge } = useUrlSearch<UrlOfRun>();
  const change = (changed: Partial<RunSearch>) =>
    merge((before) => writeRunSearch({ ...readRunSearch(before), ...changed }));
  return [readRunSearch(search), change];
}
