/** The entries of the audit log; each can be opened to see all that it says. */
import { ChevronDown, ChevronRight } from "lucide-react";
import { Fragment, useId, useState } from "react";
import type { AuditEntry } from "../../api/types";
import { Cell, Head, ROW, TableHead } from "../../kit/table";
import { useColumns } from "../../kit/use-columns";
import { serverClock } from "../../time/clock";
import { clockTime } from "../../time/format";
import { useZone, zoneName, type Zone } from "../../time/zone";
import { actionWord, restText } from "./entries";
import { Target } from "./target";

export function AuditTable({ entries }: { entries: readonly AuditEntry[] }) {
  const [zone] = useZone();
  return (
    <table className="w-full table-fixed">
      <colgroup>
        <col className="w-52 max-sm:w-auto" />
        <col className="w-40 max-lg:hidden" />
        <col className="max-sm:hidden" />
        <col className="w-[18%] max-lg:hidden" />
        <col className="w-[18%] max-xl:hidden" />
        <col className="w-42 max-sm:w-28" />
      </colgroup>
      <TableHead>
        <Head>What was done</Head>
        <Head className="max-lg:hidden">By</Head>
        <Head className="max-sm:hidden">To</Head>
        <Head className="max-lg:hidden">Reason</Head>
        <Head className="max-xl:hidden">Details</Head>
        <Head>At, {zoneName(zone, serverClock.now())}</Head>
      </TableHead>
      <tbody className="divide-y divide-line">
        {entries.map((entry) => (
          <Row key={entry.id} entry={entry} zone={zone} />
        ))}
      </tbody>
    </table>
  );
}

function Row({ entry, zone }: { entry: AuditEntry; zone: Zone }) {
  const [isOpen, setOpen] = useState(false);
  const id = useId();
  const columns = useColumns(2, ["sm", "lg", "lg", "xl"]);
  const at = Date.parse(entry.at);
  const Chevron = isOpen ? ChevronDown : ChevronRight;
  const rest = restText(entry);
  return (
    <Fragment>
      <tr className={ROW}>
        <Cell className="!py-0.5">
          <button
            type="button"
            data-row
            aria-expanded={isOpen}
            aria-controls={id}
            title={entry.action}
            onClick={() => setOpen(!isOpen)}
            className="-ml-1 flex min-h-7 w-full items-center gap-1 truncate text-left font-medium"
          >
            <Chevron aria-hidden className="size-3.5 shrink-0 text-ink-faint" />
            <span className="min-w-0">
              <span className="block truncate">{actionWord(entry.action)}</span>
              <span className="block truncate text-xs font-normal text-ink-soft lg:hidden">
                {[entry.actor, entry.reason].filter(Boolean).join(": ")}
              </span>
            </span>
          </button>
        </Cell>
        <Cell className="max-lg:hidden" title={entry.actor}>
          {entry.actor ?? <span className="text-ink-faint">not said</span>}
        </Cell>
        <Cell className="max-sm:hidden">
          <Target entry={entry} />
        </Cell>
        <Cell className="max-lg:hidden" title={entry.reason}>
          {entry.reason ?? <span className="text-ink-faint">–</span>}
        </Cell>
        <Cell className="text-ink-soft max-xl:hidden" title={rest}>
          {rest === "" ? <span className="text-ink-faint">–</span> : rest}
        </Cell>
        <Cell className="whitespace-nowrap text-ink-soft">
          <time dateTime={entry.at} title={entry.at}>
            {clockTime(at, serverClock.now(), { utc: zone === "utc" })}
          </time>
        </Cell>
      </tr>
      {isOpen && (
        <tr id={id}>
          <td colSpan={columns} className="bg-canvas py-2.5 pr-3 pl-6.5">
            <Everything entry={entry} />
          </td>
        </tr>
      )}
    </Fragment>
  );
}

function Everything({ entry }: { entry: AuditEntry }) {
  const facts = [
    ["By", entry.actor ?? "not said"],
    ["To", <Target key="to" entry={entry} />],
    ["Step", entry.target.stepId],
    ["Reason", entry.reason],
    ["At", entry.at],
    ["Action", entry.action],
    ["Entry", entry.id],
  ] as const;
  const detail = JSON.stringify(entry.detail ?? {}, null, 2);
  return (
    <div className="grid gap-x-8 gap-y-2 sm:grid-cols-2">
      <dl className="grid grid-cols-[max-content_minmax(0,1fr)] content-start gap-x-4 gap-y-1">
        {facts.map(
          ([name, value]) =>
            value !== undefined && (
              <div key={name} className="contents">
                <dt className="text-ink-soft">{name}</dt>
                <dd className="break-words">{value}</dd>
              </div>
            ),
        )}
      </dl>
      {detail !== "{}" && (
        <pre
          tabIndex={0}
          aria-label="Details"
          className="max-h-72 self-start overflow-auto rounded-md border border-line bg-surface p-2 font-mono text-xs"
        >
          {detail}
        </pre>
      )}
    </div>
  );
}
