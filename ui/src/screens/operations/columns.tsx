/** The columns of the list of operations. */
import type { Operation } from "../../api/types";
import { GridLink, type Column } from "../../kit/grid";
import { Age, Elapsed } from "../../kit/time";
import { count } from "../../time/format";
import { paths } from "../../url/paths";
import { KINDS, OperationState } from "./looks";
import { shortWords } from "./progress";

export const COLUMNS: readonly Column<Operation>[] = [
  {
    id: "state",
    title: "State",
    head: <span className="max-sm:sr-only">State</span>,
    width: "7.5rem",
    narrowWidth: "2rem",
    cell: (it, isNarrow) => <OperationState state={it.state} isNarrow={isNarrow} />,
  },
  {
    id: "operation",
    title: "Operation",
    width: "minmax(10rem, 3fr)",
    narrowWidth: "minmax(0, 1fr)",
    cell: (it) => {
      const words = shortWords(it);
      return (
        <GridLink
          to={paths.operation(it.id)}
          title={`${KINDS[it.kind]} ${words}`}
          className="hover:underline"
        >
          <span className="font-medium">{KINDS[it.kind]}</span> <span className="text-ink-soft">{words}</span>
        </GridLink>
      );
    },
  },
  {
    id: "reason",
    title: "Reason",
    width: "minmax(6rem, 1fr)",
    from: 1000,
    choice: "shown",
    className: "text-ink-soft",
    cell: (it) => <span title={it.reason}>{it.reason ?? "–"}</span>,
  },
  {
    id: "done",
    title: "Done",
    width: "5rem",
    narrowWidth: "3.75rem",
    isNumber: true,
    cell: (it) => <Count value={it.counts.done} />,
  },
  {
    id: "skipped",
    title: "Skipped",
    width: "5rem",
    from: 600,
    isNumber: true,
    className: "text-ink-soft",
    cell: (it) => <Count value={it.counts.skipped} />,
  },
  {
    id: "failed",
    title: "Failed",
    width: "5rem",
    narrowWidth: "3.75rem",
    isNumber: true,
    cell: (it) => (
      <span className={it.counts.failed > 0 ? "text-bad" : "text-ink-soft"}>
        <Count value={it.counts.failed} />
      </span>
    ),
  },
  {
    id: "actor",
    title: "Asked by",
    width: "7rem",
    from: 900,
    choice: "shown",
    className: "text-ink-soft",
    cell: (it) => it.actor ?? "–",
  },
  {
    id: "created",
    title: "Asked for",
    width: "6rem",
    from: 480,
    className: "text-ink-soft",
    cell: (it) => <Age at={it.createdAt} />,
  },
  {
    id: "took",
    title: "Took",
    width: "5.5rem",
    from: 700,
    choice: "shown",
    isNumber: true,
    className: "text-ink-soft",
    cell: (it) => <Elapsed from={it.createdAt} to={it.endedAt} />,
  },
];

function Count({ value }: { value: number }) {
  return <span title={value.toLocaleString("en-US")}>{count(value)}</span>;
}
