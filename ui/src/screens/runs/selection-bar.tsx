/** What is selected, and what can be done to it. */
import { Ban, RotateCw, X } from "lucide-react";
import { useState } from "react";
import type { Run } from "../../api/types";
import { BulkDialog, isPossible, type BulkFilter } from "../../bulk";
import { Button } from "../../kit/button";
import { NOTHING, type Selection } from "../../kit/grid";
import { useGo } from "../../url/navigation";
import { paths } from "../../url/paths";
import { filterBody, isFiltered, type RunFilter } from "./params";
import { SELECTED_MAX, selectedFilter } from "./selected";
import { filterWords } from "./words";

interface Props {
  selection: Selection;
  rows: readonly Run[];
  hasMore: boolean;
  filter: RunFilter;
  onSelect: (selection: Selection) => void;
}

type Asked = "cancel" | "again";

export function SelectionBar({ selection, rows, hasMore, filter, onSelect }: Props) {
  const go = useGo();
  const [asked, ask] = useState<Asked>();
  const { ids, isEverything } = selection;
  const areAllLoaded = rows.length > 0 && rows.every((row) => ids.has(row.id));
  const canBeEverything = isFiltered(filter);
  const chosen = rows.filter((row) => ids.has(row.id));
  const meant: BulkFilter = isEverything ? filterBody(filter) : selectedFilter(chosen);
  const statuses = isEverything ? filter.status : [...new Set(chosen.map((run) => run.status))];
  const can = (kind: "cancel" | "resume" | "replay") =>
    isPossible(kind, statuses === undefined ? {} : { status: statuses });
  const words = isEverything ? filterWords(filter) : `${ids.size.toLocaleString("en-US")} selected`;
  const isTooMany = !isEverything && ids.size > SELECTED_MAX;
  return (
    <div
      role="region"
      aria-label="Selected runs"
      className="flex flex-wrap items-center gap-x-3 gap-y-2 rounded-lg border border-accent/40 bg-accent-soft px-3 py-1.5"
    >
      <span
        className="min-w-0 flex-1 truncate font-medium max-sm:basis-full"
        aria-live="polite"
        title={words}
      >
        {isEverything ? `All ${words}` : words}
      </span>
      {!isEverything && areAllLoaded && hasMore && (
        <Button
          look="ghost"
          disabled={!canBeEverything}
          title={canBeEverything ? "" : "Without a filter that would be every run there is"}
          onClick={() => onSelect({ ...selection, isEverything: true })}
        >
          Select all that match
        </Button>
      )}
      <div className="flex gap-2">
        <Button
          icon={<RotateCw aria-hidden className="size-3.5" />}
          disabled={isTooMany}
          onClick={() => ask("again")}
        >
          Run again…
        </Button>
        <Button
          look="danger"
          icon={<Ban aria-hidden className="size-3.5" />}
          disabled={isTooMany || !can("cancel")}
          title={can("cancel") ? "" : "None of them is queued or running"}
          onClick={() => ask("cancel")}
        >
          Cancel…
        </Button>
        <Button
          look="ghost"
          aria-label="Select nothing"
          hint="Select nothing"
          keys="Esc"
          icon={<X aria-hidden className="size-3.5" />}
          onClick={() => onSelect(NOTHING)}
        />
      </div>
      {isTooMany && (
        <p role="alert" className="w-full text-bad">
          At most {SELECTED_MAX.toLocaleString("en-US")} rows can be acted on one by one: select all that
          match a filter instead.
        </p>
      )}
      {asked && (
        <BulkDialog
          title={asked === "cancel" ? "Cancel runs" : "Run again"}
          description={isEverything ? `All ${words}.` : `Of the ${words} in the list.`}
          kinds={asked === "cancel" ? ["cancel"] : can("resume") ? ["resume", "replay"] : ["replay"]}
          filter={asked === "again" && !isEverything ? { ...meant, status: [...ENDED] } : meant}
          onClose={() => ask(undefined)}
          onStarted={(operation) => {
            onSelect(NOTHING);
            void go(paths.operation(operation.id));
          }}
        />
      )}
    </div>
  );
}

/** Those that were picked one by one are meant, however they ended. */
const ENDED = ["COMPLETED", "FAILED", "CANCELLED"] as const;
