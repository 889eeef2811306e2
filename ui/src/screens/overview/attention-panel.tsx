/** What needs somebody: each with where to go. */
import { useInfiniteQuery, useQueries, useQuery } from "@tanstack/react-query";
import { AppWindow, Bug, CirclePause, CircleCheck, TrendingUp, type LucideIcon } from "lucide-react";
import { queries } from "../../api/queries";
import { Panel } from "../../kit/panel";
import { useRowKeys } from "../../kit/row-keys";
import { Failed, Loading } from "../../kit/states";
import { Age } from "../../kit/time";
import { useRefetchOn } from "../../live/hooks";
import { useApps } from "../apps/use-apps";
import type { Since } from "../function/params";
import { Link } from "../../url/link";
import { attentionOf, firstOfEach, suspects, type Item } from "./attention";

const LOOKS: Record<Item["kind"], { icon: LucideIcon; word: string; tone: string }> = {
  app: { icon: AppWindow, word: "App", tone: "text-bad" },
  function: { icon: TrendingUp, word: "Function that fails", tone: "text-bad" },
  error: { icon: Bug, word: "Error", tone: "text-bad" },
  paused: { icon: CirclePause, word: "Paused", tone: "text-wait" },
};

/** What waits changes all the time, whether an app is reachable does not. */
const FLOW_MS = 5_000;

export function AttentionPanel({ since }: { since: Since }) {
  const { items, error, refetch } = useAttention(since);
  const area = useRowKeys<HTMLUListElement>("Needs attention");
  return (
    <Panel title={`Needs attention${items?.length ? ` ${items.length}` : ""}`}>
      {error && !items ? (
        <Failed what="What needs attention" error={error} retry={refetch} />
      ) : !items ? (
        <Loading what="what needs attention" />
      ) : items.length === 0 ? (
        <p className="flex items-center gap-2 px-3 py-3 text-ink-soft">
          <CircleCheck aria-hidden className="size-4 text-ok" />
          Nothing: apps answer, no error is open, nothing is paused.
        </p>
      ) : (
        <ul ref={area} className="divide-y divide-line">
          {items.map((item) => (
            <Row key={item.key} item={item} />
          ))}
        </ul>
      )}
    </Panel>
  );
}

function Row({ item }: { item: Item }) {
  const { icon: Icon, word, tone } = LOOKS[item.kind];
  return (
    <li className="relative flex gap-2.5 px-3 py-2 focus-within:bg-accent-soft hover:bg-sunken/60">
      <Icon aria-label={word} className={`mt-0.5 size-4 shrink-0 ${tone}`} />
      <div className="min-w-0 flex-1">
        <div className="flex items-baseline gap-3">
          <Link
            data-row
            to={item.to}
            title={item.title}
            className="min-w-0 flex-1 truncate font-medium after:absolute after:inset-0 hover:underline max-sm:line-clamp-2 max-sm:whitespace-normal"
          >
            {item.title}
          </Link>
          {item.at !== undefined && <Age at={item.at} className="shrink-0 text-xs text-ink-faint" />}
        </div>
        <p className="truncate text-ink-soft" title={item.detail}>
          {item.detail}
        </p>
      </div>
    </li>
  );
}

function useAttention(since: Since) {
  const apps = useApps();
  const functions = useQuery(queries.functions());
  const groups = useInfiniteQuery(queries.errors({ status: "open" }));
  useRefetchOn("functions", [["functions"]]);
  useRefetchOn("errors", [["errors"]]);
  useRefetchOn("flow", [["flow"]], FLOW_MS);
  const known = functions.data ?? [];
  const open = groups.data?.pages.flatMap((page) => page.items) ?? [];
  const firsts = firstOfEach(known);
  const explanations = useQueries({ queries: firsts.map((fn) => queries.flowExplanation(fn.slug)) });
  const failing = suspects(open, known);
  const metrics = useQueries({
    queries: failing.map((fn) => queries.metrics({ appId: fn.app.id, functionId: fn.id, from: since })),
  });
  const error = apps.error ?? functions.error ?? groups.error;
  const isThere = apps.rows !== undefined && functions.data !== undefined && groups.data !== undefined;
  const items =
    isThere && apps.rows
      ? attentionOf({
          apps: apps.rows,
          functions: known,
          explanations: firsts.map((fn, i) => ({ app: fn.app.id, explanation: explanations[i]?.data })),
          groups: open,
          counts: failing.map((fn, i) => ({ fn, total: metrics[i]?.data?.total })),
        })
      : undefined;
  const refetch = () => Promise.all([apps.refetch(), functions.refetch(), groups.refetch()]);
  return { items, error, refetch };
}
