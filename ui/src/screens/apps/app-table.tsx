/** Apps, one in a row; what is wrong with one is below it. */
import { Fragment } from "react";
import { Cell, Head, ROW, TableHead } from "../../kit/table";
import { Age } from "../../kit/time";
import { Link } from "../../url/link";
import { paths } from "../../url/paths";
import type { AppRow } from "./rows";
import { Problem, StateOfApp } from "./state";

const COLUMNS = 7;

export function AppTable({ rows }: { rows: readonly AppRow[] }) {
  return (
    <table className="w-full table-fixed">
      <colgroup>
        <col className="w-[22%] max-md:w-auto" />
        <col className="w-32" />
        <col className="max-md:hidden" />
        <col className="w-36 max-lg:hidden" />
        <col className="w-32 max-xl:hidden" />
        <col className="w-24 max-sm:hidden" />
        <col className="w-28 max-sm:hidden" />
        {/* What is wrong spans all columns: those that are hidden must take no room for it. */}
        <col className="w-0" span={COLUMNS - 2} />
      </colgroup>
      <TableHead>
        <Head>App</Head>
        <Head>State</Head>
        <Head className="max-md:hidden">URL</Head>
        <Head className="max-lg:hidden">SDK</Head>
        <Head className="max-xl:hidden">Framework</Head>
        <Head isNumber className="max-sm:hidden">
          Functions
        </Head>
        <Head isNumber className="max-sm:hidden">
          Last sync
        </Head>
      </TableHead>
      <tbody>
        {rows.map((row) => (
          <Fragment key={row.key}>
            <tr className={`border-t border-line first:border-t-0 ${ROW}`}>
              <th
                scope="row"
                className="truncate px-3 py-1.5 text-left align-top font-normal max-sm:px-2 md:h-9 md:align-middle"
                title={row.name}
              >
                {row.app ? (
                  <Link data-row to={paths.app(row.app.id)} className="font-medium hover:underline">
                    {row.name}
                  </Link>
                ) : (
                  <span>{row.name}</span>
                )}
                {row.version !== undefined && (
                  <span className="ml-2 text-xs text-ink-faint">{row.version}</span>
                )}
                {row.isThere && row.url !== undefined && (
                  <span className="block truncate font-mono text-xs text-ink-soft md:hidden">{row.url}</span>
                )}
              </th>
              <Cell className="align-top md:align-middle">
                <span className="flex">
                  <StateOfApp state={row.state} />
                </span>
              </Cell>
              <Cell className="font-mono text-xs text-ink-soft max-md:hidden" title={row.url}>
                {row.url ?? "–"}
              </Cell>
              <Cell className="text-ink-soft max-lg:hidden">{row.sdk ?? "–"}</Cell>
              <Cell className="text-ink-soft max-xl:hidden">{row.framework ?? "–"}</Cell>
              <Cell isNumber className="max-sm:hidden">
                {row.functions.toLocaleString("en-US")}
              </Cell>
              <Cell isNumber className="text-ink-soft max-sm:hidden">
                <Age at={row.syncedAt} />
              </Cell>
            </tr>
            {row.problem && (
              <tr>
                <td colSpan={COLUMNS} className="px-3 pb-2.5 max-sm:px-2">
                  <div className="rounded-md bg-bad-soft px-2.5 py-1.5">
                    <Problem problem={row.problem} />
                  </div>
                </td>
              </tr>
            )}
          </Fragment>
        ))}
      </tbody>
    </table>
  );
}
