/** What the URL says of flow control: which functions are listed, and which one is looked at. */
import { useNavigate, useSearch } from "@tanstack/react-router";
import { compact, one, type Search } from "../../url/search";

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
export function writeView({ show, function: slug }: FlowView): Search {
  return compact({ show: show === "all" ? undefined : show, function: slug }) as Search;
}

export function useFlowView(): [FlowView, (view: FlowView) => void] {
  const search: Search = useSearch({ strict: false });
  const navigate = useNavigate();
  const change = (view: FlowView) => void navigate({ to: ".", search: writeView(view) } as never);
  return [readView(search), change];
}
