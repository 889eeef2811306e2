/** What is known of what expressions can be about: read once one writes an expression. */
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { queries } from "../api/queries";
import { pathsOf, VOCABULARY, type Known, type Over } from "./completion";

/** So many of the newest events are looked into. */
const EVENTS_LOOKED_AT = 40;
const STATUSES = ["QUEUED", "RUNNING", "COMPLETED", "FAILED", "CANCELLED"];

export function useKnown(over: Over, isWanted: boolean): Known {
  const enabled = isWanted;
  const events = useInfiniteQuery({ ...queries.events({ limit: EVENTS_LOOKED_AT }), enabled }).data;
  const functions = useQuery({ ...queries.functions(), enabled }).data ?? [];
  const attributes = useQuery({ ...queries.attributes(), enabled: enabled && over === "runs" }).data ?? [];
  const seen = events?.pages[0]?.items ?? [];
  const data = new Set(seen.flatMap((event) => pathsOf(event.data, "event.data")));
  const names = [
    ...seen.map(({ name }) => name),
    ...functions
      .flatMap((fn) => (fn.triggers ?? []).filter(({ type }) => type === "EVENT"))
      .map(({ value }) => value),
  ];
  return {
    paths: [...VOCABULARY[over], ...attributes.map(({ name }) => `run.tags.${name}`), ...[...data].sort()],
    values: {
      "run.status": STATUSES,
      "fn.slug": functions.map(({ slug }) => slug).sort(),
      "fn.id": unique(functions.map(({ id }) => id)),
      "fn.name": unique(functions.map(({ name }) => name)),
      "app.id": unique(functions.map(({ app }) => app.id)),
      "event.name": unique(names),
    },
  };
}

function unique(texts: readonly string[]): string[] {
  return [...new Set(texts)].sort();
}
