/** What the URL says of flow control: which functions are listed, and which one is looked at. */
import { useUrlSearch } from "../../url/navigation";
import { compact, one, type Search } from "../../url/search";
import type { FlowSearch } from "../../url/searches";

export const SHOWN = ["busy", "all"] as const;
export type Shown = (typeof SHOWN)[number];

export interface FlowView {
  show: Shown;
  /** The slug of a function. */
  function?: string;
}

export function readView(search: Search): FlowView {
  const show = one(search["show"]) === "busy" ? "busy" : "all";
  return { show, ...compact({ function: one(search["function"]) }) };
}

/** As the URL has it: what goes without saying is left out. */
export function writeView({ show, function: slug }: FlowView): FlowSearch {
  return { show: show === "all" ? undefined : show, function: slug };
}

export function useFlowView(): [FlowView, (view: FlowView) => void] {
  const { search, set } = useUrlSearch<FlowSearch>();
  return [readView(search), (view) => set(writeView(view))];
}
