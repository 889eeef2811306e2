/** The steps of two runs, aligned: what came of each, how long it took, and what differs. */
import clsx from "clsx";
import { useState } from "react";
import type { Span } from "../../api/types";
import { Panel } from "../../kit/panel";
import { Button } from "../../kit/button";
import { Status } from "../../kit/status";
import { duration } from "../../time/format";
import type { Difference, Pair } from "./compare";

/** More are shown when they are asked for. */
const ROWS_SHOWN = 200;

const WORDS: Record<Difference, string> = {
  missing: "not in this run",
  added: "only in this run",
  status: "status",
  input: "input",
  output: "output",
  error: "error",
  order: "order",
};

interface Props {
  pairs: readonly Pair[];
  roots: readonly [Span, Span];
  selected: string | undefined;
  onSelect: (id: string | undefined) => void;
}

export function ComparedSteps({ pairs, roots, selected, onSelect }: Props) {
  const [isAll, setAll] = useState(false);
  const different = pairs.filter((pair) => pair.differences.length > 0).length;
  const shown = isAll ? pairs : pairs.slice(0, ROWS_SHOWN);
  const whole: Pair = { id: "", name: "The run", left: roots[0], right: roots[1], differences: [] };
  return (
    <Panel title={`Steps: ${different === 0 ? "no difference" : `${different} of ${pairs.length} differ`}`}>
      <div className="max-h-[50vh] overflow-auto" tabIndex={0} role="region" aria-label="Steps of both runs">
        <table className="w-full min-w-2xl">
          <thead className="sticky top-0 z-10 bg-surface text-left text-xs text-ink-soft">
            <tr>
              {["Step", "Compared with", "This run", "Time", "Differs in"].map((title) => (
                <th key={title} scope="col" className="border-b border-line px-3 py-1.5 font-medium">
                  {title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {[whole, ...shown].map((pair) => (
              <Row
                key={pair.id}
                pair={pair}
                isSelected={pair.id === (selected ?? "")}
                onSelect={() => onSelect(pair.id === "" ? undefined : pair.id)}
              />
            ))}
          </tbody>
        </table>
      </div>
      {shown.length < pairs.length && (
        <div className="border-t border-line p-2">
          <Button onClick={() => setAll(true)}>Show all {pairs.length} steps</Button>
        </div>
      )}
    </Panel>
  );
}

function Row({ pair, isSelected, onSelect }: { pair: Pair; isSelected: boolean; onSelect: () => void }) {
  const cell = "border-b border-line px-3 py-1.5";
  return (
    <tr className={isSelected ? "bg-accent-soft" : "hover:bg-sunken"} onClick={onSelect}>
      <th scope="row" className={clsx(cell, "max-w-72 text-left font-normal")}>
        <button
          type="button"
          aria-pressed={isSelected}
          onClick={onSelect}
          title={pair.name}
          className={clsx("block max-w-full truncate hover:underline", pair.id === "" && "font-medium")}
        >
          {pair.name}
        </button>
      </th>
      <td className={cell}>
        <Outcome span={pair.left} />
      </td>
      <td className={cell}>
        <Outcome span={pair.right} />
      </td>
      <td className={clsx(cell, "whitespace-nowrap text-ink-soft")}>{change(pair)}</td>
      <td className={cell}>
        <span className="flex flex-wrap gap-1">
          {pair.differences.map((difference) => (
            <span key={difference} className="rounded bg-wait-soft px-1.5 text-xs leading-5 text-wait">
              {WORDS[difference]}
            </span>
          ))}
        </span>
      </td>
    </tr>
  );
}

function Outcome({ span }: { span: Span | undefined }) {
  if (!span) return <span className="text-ink-faint">–</span>;
  return (
    <span className="flex gap-2 whitespace-nowrap">
      <Status status={span.status} />
      {span.durationMs !== undefined && (
        <span className="text-ink-soft">{duration(Number(span.durationMs))}</span>
      )}
    </span>
  );
}

function change({ left, right }: Pair): string {
  if (left?.durationMs === undefined || right?.durationMs === undefined) return "";
  const by = Number(right.durationMs) - Number(left.durationMs);
  return by === 0 ? "same" : by > 0 ? `+${duration(by)}` : duration(by);
}
