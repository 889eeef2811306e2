/** Runs, newest first: which there are, how they went, and what is done to many of them. */
import { useQuery } from "@tanstack/react-query";
import { ChartColumn } from "lucide-react";
import { useMemo, useState } from "react";
import { queries } from "../../api/queries";
import type { Run } from "../../api/types";
import { Button } from "../../kit/button";
import { ListGrid, NOTHING, useList, type Selection } from "../../kit/grid";
import { Heading, Panel } from "../../kit/panel";
import { Split } from "../../kit/split";
import { useSetting } from "../../settings";
import { useZone } from "../../time/zone";
import { paths } from "../../url/paths";
import { compact } from "../../url/search";
import { ViewsMenu } from "../../views/views-menu";
import { columnsOf } from "./columns";
import { CopyMenu } from "./copy-menu";
import { FilterBar } from "./filter-bar";
import { Histogram, rollupParams } from "./histogram";
import { NoRuns } from "./no-runs";
import { belongs, filterParams, isFiltered, usePeeked, useRunFilter } from "./params";
import { RunPeek } from "./peek";
import { SelectionBar } from "./selection-bar";

const NO_ATTRIBUTES: readonly never[] = [];

export function RunsScreen() {
  const [filter, change] = useRunFilter();
  const [peeked, peek] = usePeeked();
  const [zone] = useZone();
  const attributes = useQuery(queries.attributes()).data ?? NO_ATTRIBUTES;
  const functions = useQuery(queries.functions()).data;
  const slugOf = (run: Run) =>
    functions?.find((fn) => fn.app.id === run.app.id && fn.id === run.function.id)?.slug ?? "";
  const params = filterParams(filter);
  const key = JSON.stringify(params);
  const [selected, setSelected] = useState({ key, selection: NOTHING });
  // What was selected of another list is not meant any more.
  const selection = selected.key === key ? selected.selection : NOTHING;
  const select = (next: Selection) => setSelected({ key, selection: next });
  const hasSelection = selection.ids.size > 0;
  const list = useList<Run>(queries.runs(params), {
    topic: "runs",
    belongs: (run) => belongs(filter, run, slugOf),
    isSearch: filter.search !== undefined,
    isHeld: hasSelection,
  });
  const columns = useMemo(() => columnsOf(attributes, zone), [attributes, zone]);
  const rollup = rollupParams(filter);
  const [chart, setChart] = useSetting("runs.chart");
  const isChartShown = chart !== "off";
  const goOn = () => {
    const last = list.rows.at(-1);
    const at = last?.[filter.timeField ?? "queuedAt"];
    // A moment later, as several may have been queued at once.
    if (at !== undefined) change({ ...filter, until: new Date(Date.parse(at) + 1).toISOString() });
  };

  const grid = (
    <Panel className="flex-1 overflow-hidden">
      <ListGrid
        name="runs"
        label="Runs"
        what="runs"
        list={list}
        columns={columns}
        link={(run) => paths.run(run.id)}
        selection={selection}
        onSelect={select}
        canSelectEverything={isFiltered(filter)}
        peeked={peeked}
        onPeek={(run) => peek(run?.id)}
        empty={<NoRuns filter={filter} onClear={() => change({})} />}
        onContinue={goOn}
      />
    </Panel>
  );

  return (
    <div className="flex min-h-full flex-col gap-3 sm:h-full sm:min-h-0">
      <Heading title="Runs">
        {rollup && (
          <Button
            look="ghost"
            aria-pressed={isChartShown}
            aria-label="How runs ended, over time"
            hint={isChartShown ? "Hide the chart" : "Show the chart"}
            icon={<ChartColumn aria-hidden className="size-4" />}
            onClick={() => setChart(isChartShown ? "off" : "on")}
          />
        )}
        <ViewsMenu />
        <CopyMenu filter={filter} />
      </Heading>
      <FilterBar filter={filter} attributes={attributes} onChange={change} />
      {rollup && isChartShown && (
        <Histogram
          filter={filter}
          params={rollup}
          onRange={({ from, until }) => change(compact({ ...filter, since: undefined, from, until }))}
        />
      )}
      {hasSelection && (
        <SelectionBar
          selection={selection}
          rows={list.rows}
          hasMore={list.page.hasMore}
          filter={filter}
          onSelect={select}
        />
      )}
      <Split
        label="Width of the preview"
        setting="runs.preview"
        width={440}
        first={grid}
        second={peeked && <RunPeek id={peeked} onClose={() => peek(undefined)} />}
      />
    </div>
  );
}
