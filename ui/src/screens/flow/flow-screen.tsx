/** What runs and waits, function by function, why, and what can be done about it. */
import { X } from "lucide-react";
import { useState } from "react";
import { useKeys } from "../../keys/hooks";
import { Button } from "../../kit/button";
import { Heading, Panel } from "../../kit/panel";
import { useRowKeys } from "../../kit/row-keys";
import { Segments } from "../../kit/segments";
import { Split } from "../../kit/split";
import { Empty, Failed, Loading } from "../../kit/states";
import { count } from "../../time/format";
import { FlowDetail } from "./detail";
import { FlowTable } from "./flow-table";
import { useFlowView, type FlowView } from "./params";
import { isBusy, type FlowRow } from "./rows";
import { useFlowRows, useSteadyOrder } from "./use-rows";

const SHOWN = [
  { value: "all", word: "All functions" },
  { value: "busy", word: "Busy, held or paused" },
] as const;

export function FlowScreen() {
  const [view, change] = useFlowView();
  const { rows, error, retry } = useFlowRows();
  const current = rows?.find((row) => row.fn.slug === view.function);
  const close = () => change({ show: view.show });
  useKeys("Flow control", [
    {
      keys: "Escape",
      does: "Close the function",
      run: () => (view.function === undefined ? false : close()),
    },
  ]);
  const list = <FlowList rows={rows} view={view} error={error} retry={retry} onChange={change} />;
  return (
    <div className="flex min-h-full flex-col gap-3 lg:h-full lg:min-h-0">
      <Heading title="Flow control" note={rows && <Totals rows={rows} />} />
      <div className="flex flex-wrap gap-2">
        <Segments
          label="Functions"
          value={view.show}
          options={SHOWN.map(({ value, word }) => ({
            value,
            word: value === "busy" ? <BusyWord word={word} rows={rows ?? []} /> : word,
          }))}
          onChange={(show) => change({ ...view, show })}
        />
      </div>
      {view.function === undefined ? (
        list
      ) : (
        <Split
          label="Width of the function"
          setting="flow.function"
          width={640}
          first={list}
          second={
            <FlowDetail
              key={view.function}
              slug={view.function}
              fn={current?.fn}
              close={
                <Button
                  look="ghost"
                  aria-label="Close the function"
                  hint="Close"
                  keys="Esc"
                  icon={<X aria-hidden className="size-4" />}
                  onClick={close}
                />
              }
            />
          }
        />
      )}
    </div>
  );
}

function BusyWord({ word, rows }: { word: string; rows: readonly FlowRow[] }) {
  return (
    <>
      <span className="max-sm:hidden">{word}</span>
      <span className="sm:hidden">Busy</span>{" "}
      <span className="text-ink-faint">{rows.filter(isBusy).length}</span>
    </>
  );
}

function Totals({ rows }: { rows: readonly FlowRow[] }) {
  const sum = (of: (row: FlowRow) => number) => rows.reduce((total, row) => total + of(row), 0);
  return (
    <span>
      {count(sum((row) => row.inUse))} calls in flight, {count(sum((row) => row.backlog))} waiting
    </span>
  );
}

interface ListProps {
  rows: readonly FlowRow[] | undefined;
  view: FlowView;
  error: Error | null;
  retry: () => void;
  onChange: (view: FlowView) => void;
}

function FlowList({ rows, view, error, retry, onChange }: ListProps) {
  const area = useRowKeys<HTMLDivElement>("Flow control");
  const [isOver, setOver] = useState(false);
  const [isFocused, setFocused] = useState(false);
  const ordered = useSteadyOrder(rows ?? [], isOver || isFocused);
  const shown = view.show === "busy" ? ordered.filter(isBusy) : ordered;
  return (
    <Panel className="min-h-72 flex-1 overflow-hidden">
      <div
        ref={area}
        onPointerEnter={() => setOver(true)}
        onPointerLeave={() => setOver(false)}
        onFocus={() => setFocused(true)}
        onBlur={() => setFocused(false)}
        className="min-h-0 flex-1 overflow-auto"
      >
        {error && !rows ? (
          <Failed what="Flow control" error={error} retry={retry} />
        ) : !rows ? (
          <Loading what="flow control" />
        ) : rows.length === 0 ? (
          <Empty title="There is no function yet">Once an app is synced, its functions are here.</Empty>
        ) : shown.length === 0 ? (
          <Empty title="Nothing runs, waits or is held back">
            <Button className="mt-3" onClick={() => onChange({ ...view, show: "all" })}>
              Show all functions
            </Button>
          </Empty>
        ) : (
          <FlowTable rows={shown} view={view} />
        )}
      </div>
    </Panel>
  );
}
