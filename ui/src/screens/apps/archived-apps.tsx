/** Apps that somebody removed: their runs keep their names, and their next sync brings them back. */
import { useInfiniteQuery } from "@tanstack/react-query";
import { queries } from "../../api/queries";
import { Button } from "../../kit/button";
import { Empty, Failed, Loading } from "../../kit/states";
import { Cell, Head, ROW, TableHead } from "../../kit/table";
import { Age } from "../../kit/time";
import { useRefetchOn } from "../../live/hooks";
import { Link } from "../../url/link";
import { paths } from "../../url/paths";

export function ArchivedApps() {
  const query = queries.apps({ archived: true });
  const apps = useInfiniteQuery(query);
  useRefetchOn("apps", [query.queryKey]);
  const items = apps.data?.pages.flatMap((page) => page.items);
  if (apps.error && !items)
    return <Failed what="The archived apps" error={apps.error} retry={apps.refetch} />;
  if (!items) return <Loading what="the archived apps" />;
  if (items.length === 0)
    return <Empty title="No app is archived">An app that is removed is kept here, with its history.</Empty>;
  return (
    <>
      <table className="w-full table-fixed">
        <colgroup>
          <col />
          <col className="w-2/5 max-md:hidden" />
          <col className="w-32 max-sm:w-28" />
          <col className="w-24" />
        </colgroup>
        <TableHead>
          <Head>App</Head>
          <Head className="max-md:hidden">Last URL</Head>
          <Head>Removed</Head>
          <Head>
            <span className="sr-only">Its runs</span>
          </Head>
        </TableHead>
        <tbody className="divide-y divide-line">
          {items.map((app) => (
            <tr key={app.id} className={ROW}>
              <Cell title={app.id} className="font-medium">
                {app.name}
              </Cell>
              <Cell className="font-mono text-xs text-ink-soft max-md:hidden" title={app.latestSync?.url}>
                {app.latestSync?.url ?? "–"}
              </Cell>
              <Cell className="text-ink-soft">
                <Age at={app.archivedAt} />
              </Cell>
              <Cell isNumber>
                <Link
                  data-row
                  to={paths.runs({ appId: app.id })}
                  aria-label={`Runs of ${app.name}`}
                  className="text-accent hover:underline"
                >
                  Its runs
                </Link>
              </Cell>
            </tr>
          ))}
        </tbody>
      </table>
      {apps.hasNextPage && (
        <div className="p-2 text-center">
          <Button disabled={apps.isFetchingNextPage} onClick={() => void apps.fetchNextPage()}>
            {apps.isFetchNextPageError ? "Could not be loaded: try again" : "More"}
          </Button>
        </div>
      )}
    </>
  );
}
