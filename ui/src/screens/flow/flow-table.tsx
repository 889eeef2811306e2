/** The functions, and what of each runs, waits and is held back. */
import clsx from "clsx";
import { CirclePause, Hourglass, SlidersHorizontal } from "lucide-react";
import { Cell, Head, ROW, TableHead } from "../../kit/table";
import { Elapsed } from "../../kit/time";
import { count } from "../../time/format";
import { Link } from "../../url/link";
import { paths } from "../../url/paths";
import { writeView, type FlowView } from "./params";
import type { FlowRow } from "./rows";
import { blockText, counted } from "./words";

interface Props {
  rows: readonly FlowRow[];
  view: FlowView;
}

export function FlowTable({ rows, view }: Props) {
  const isNarrow = view.function !== undefined;
  return (
    <table className="w-full table-fixed">
      <colgroup>
        <col />
        <col className={isNarrow ? "w-16" : "w-18 max-sm:w-14"} />
        <col className={isNarrow ? "w-18" : "w-20 max-sm:w-16"} />
        <col className={isNarrow ? "w-22 max-xl:hidden" : "w-24 max-sm:hidden"} />
        <col className={isNarrow ? "hidden" : "w-44 max-xl:hidden"} />
        <col className={isNarrow ? "w-[29%] max-xl:hidden" : "w-[34%] max-xl:hidden"} />
      </colgroup>
      <TableHead>
        <Head>Function</Head>
        <Head isNumber>In use</Head>
        <Head isNumber>Waiting</Head>
        <Head isNumber className={isNarrow ? "max-xl:hidden" : "max-sm:hidden"}>
          Oldest
        </Head>
        <Head className={isNarrow ? "hidden" : "max-xl:hidden"}>Held back</Head>
        <Head className="max-xl:hidden">Why</Head>
      </TableHead>
      <tbody className="divide-y divide-line">
        {rows.map((row) => (
          <Row key={row.fn.slug} row={row} view={view} isNarrow={isNarrow} />
        ))}
      </tbody>
    </table>
  );
}

function Row({ row, view, isNarrow }: { row: FlowRow; view: FlowView; isNarrow: boolean }) {
  const { fn } = row;
  const isCurrent = view.function === fn.slug;
  return (
    <tr className={clsx(ROW, isCurrent && "bg-accent-soft")}>
      <Cell>
        <Link
          data-row
          to={paths.flow(writeView({ ...view, function: fn.slug }))}
          aria-current={isCurrent ? "true" : undefined}
          title={fn.slug}
          className="block truncate font-medium hover:underline"
        >
          {fn.name || fn.id}
        </Link>
        <span className="block truncate text-xs text-ink-soft xl:hidden">
          <Why row={row} isShort />
        </span>
      </Cell>
      <Cell isNumber>
        <Figure value={row.inUse} isKnown={row.isKnown} />
      </Cell>
      <Cell isNumber className={row.backlog > 0 ? "font-medium text-wait" : ""}>
        <Figure value={row.backlog} isKnown={row.isKnown} />
      </Cell>
      <Cell
        isNumber
        className={clsx("whitespace-nowrap text-ink-soft", isNarrow ? "max-xl:hidden" : "max-sm:hidden")}
      >
        {row.oldestAt === undefined ? (
          <span className="text-ink-faint">–</span>
        ) : (
          <Elapsed from={new Date(row.oldestAt).toISOString()} to={undefined} />
        )}
      </Cell>
      <Cell className={isNarrow ? "hidden" : "max-xl:hidden"} title={row.held.join(", ")}>
        {row.held.length > 0 ? row.held.join(", ") : <span className="text-ink-faint">–</span>}
      </Cell>
      <Cell className="max-xl:hidden">
        <Why row={row} isShort={isNarrow} />
      </Cell>
    </tr>
  );
}

function Figure({ value, isKnown }: { value: number; isKnown: boolean }) {
  return isKnown && value > 0 ? (
    <>{count(value)}</>
  ) : (
    <span className="text-ink-faint">{isKnown ? 0 : "…"}</span>
  );
}

const ICON = "size-3.5 shrink-0";
/** So many reasons are told of; the rest is counted. */
const BLOCKS_SHOWN = 2;

/** Where there is little room, what is held back is told here, too. */
function Why({ row, isShort }: { row: FlowRow; isShort: boolean }) {
  const blocks = [...new Set(row.blocks.map(blockText))].filter((text) => text !== "paused" || !row.isPaused);
  const more = blocks.length - BLOCKS_SHOWN;
  const parts = [
    row.isPaused && (
      <span key="pause" className="inline-flex items-center gap-1 font-medium text-wait">
        <CirclePause aria-hidden className={ICON} />
        Paused
      </span>
    ),
    blocks.length > 0 && (
      <span
        key="blocks"
        className="inline-flex min-w-0 items-center gap-1 text-wait"
        title={blocks.join("\n")}
      >
        <Hourglass aria-hidden className={ICON} />
        <span className="truncate">
          {blocks.slice(0, BLOCKS_SHOWN).join(", ")}
          {more > 0 && ` and ${more} more`}
        </span>
      </span>
    ),
    isShort && row.held.length > 0 && (
      <span key="held" className="truncate text-ink-soft" title={row.held.join(", ")}>
        {row.held.join(", ")}
      </span>
    ),
    row.overrides > 0 && (
      <span
        key="overrides"
        className="inline-flex items-center gap-1 whitespace-nowrap text-ink-soft"
        title={counted(row.overrides, "override")}
      >
        <SlidersHorizontal aria-hidden className={ICON} />
        {isShort ? row.overrides : counted(row.overrides, "override")}
        {isShort && <span className="sr-only">overrides</span>}
      </span>
    ),
  ].filter(Boolean);
  return <span className="flex min-w-0 items-center gap-3">{parts}</span>;
}
