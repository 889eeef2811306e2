/** The rows of the list of errors. */
import { memo } from "react";
import type { ErrorGroup, Function } from "../../api/types";
import { Sparkbars } from "../../kit/charts";
import { Cell, Head, ROW, TableHead } from "../../kit/table";
import { Age } from "../../kit/time";
import { count } from "../../time/format";
import { Link } from "../../url/link";
import { paths } from "../../url/paths";
import { RowDecisions } from "./decisions";
import { ErrorStatus } from "./status";

interface Props {
  groups: readonly ErrorGroup[];
  functions: readonly Function[];
}

export function ErrorTable({ groups, functions }: Props) {
  const bySlug = new Map(functions.map((fn) => [fn.slug, fn]));
  return (
    <table className="w-full table-fixed">
      <colgroup>
        <col className="w-40 max-sm:hidden" />
        <col />
        <col className="w-52 max-xl:hidden" />
        <col className="w-20 max-sm:w-14" />
        <col className="w-30 max-lg:hidden" />
        <col className="w-26 max-2xl:hidden" />
        <col className="w-26 max-sm:w-24" />
        <col className="w-20 max-sm:hidden" />
      </colgroup>
      <TableHead>
        <Head className="max-sm:hidden">Status</Head>
        <Head>Error</Head>
        <Head className="max-xl:hidden">Function</Head>
        <Head isNumber>Runs</Head>
        <Head className="max-lg:hidden">24 h</Head>
        <Head className="max-2xl:hidden">First seen</Head>
        <Head>Last seen</Head>
        <Head className="max-sm:hidden">
          <span className="sr-only">Decide</span>
        </Head>
      </TableHead>
      <tbody className="divide-y divide-line">
        {groups.map((group) => (
          <Row key={group.id} group={group} fn={bySlug.get(group.function ?? "")} />
        ))}
      </tbody>
    </table>
  );
}

const Row = memo(function Row({ group, fn }: { group: ErrorGroup; fn: Function | undefined }) {
  const message = group.message || group.name || "An error without a message";
  const owner = fn?.name || group.function || "a function that is no more";
  return (
    <tr className={ROW}>
      <Cell className="max-sm:hidden">
        <ErrorStatus group={group} />
      </Cell>
      <Cell>
        <Link
          data-row
          to={paths.errorGroup(group.id)}
          title={message}
          className="block truncate font-medium hover:underline max-sm:line-clamp-2 max-sm:whitespace-normal"
        >
          {message}
        </Link>
        <span className="flex items-center gap-1.5 text-xs text-ink-soft">
          <span className="flex sm:hidden">
            <ErrorStatus group={group} />
          </span>
          <span className="truncate">
            {[group.name, group.step && `step ${group.step}`].filter(Boolean).join(" · ")}
            <span className="xl:hidden"> · {owner}</span>
          </span>
        </span>
      </Cell>
      <Cell className="max-xl:hidden" title={group.function ?? undefined}>
        {fn ? (
          <Link to={paths.function(fn.app.id, fn.id)} className="hover:underline">
            {owner}
          </Link>
        ) : (
          <span className="text-ink-soft">{owner}</span>
        )}
      </Cell>
      <Cell isNumber title={group.runs.toLocaleString("en-US")}>
        {count(group.runs)}
      </Cell>
      <Cell className="max-lg:hidden">
        <Counts group={group} />
      </Cell>
      <Cell className="text-ink-soft max-2xl:hidden">
        <Age at={group.firstSeen} />
      </Cell>
      <Cell className="text-ink-soft">
        <Age at={group.lastSeen} />
      </Cell>
      <Cell className="max-sm:hidden">
        <span className="flex justify-end">
          <RowDecisions group={group} />
        </span>
      </Cell>
    </tr>
  );
});

function Counts({ group: { counts } }: { group: ErrorGroup }) {
  if (counts === undefined) return null;
  const sum = counts.runs.reduce((total, runs) => total + runs, 0);
  return (
    <Sparkbars
      bars={counts.runs.map((runs) => ({ total: runs, bad: runs }))}
      label={`Runs by hour: ${sum.toLocaleString("en-US")} in 24 hours`}
    />
  );
}
