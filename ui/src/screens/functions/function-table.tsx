/** Functions, one in a row. */
import { Archive, Pause } from "lucide-react";
import type { Function } from "../../api/types";
import { Button } from "../../kit/button";
import { Link } from "../../url/link";
import { paths } from "../../url/paths";
import { configurationOf, limitsOf } from "../function/configuration";
import { Triggers } from "./triggers";
import { FigureCells } from "./figures";
import { useFigures } from "./use-figures";

const CELL = "h-9 px-3";
const HEAD = `${CELL} h-8 font-medium whitespace-nowrap`;

interface Props {
  functions: readonly Function[];
  /** All are of this one: its name goes without saying. */
  app?: string;
}

export function FunctionTable({ functions, app }: Props) {
  const figures = useFigures(app, functions.length);
  const hasApp = app === undefined;
  return (
    <>
      {figures.error && (
        <div
          role="alert"
          className="flex flex-wrap items-center gap-3 border-b border-line px-3 py-1.5 text-bad"
        >
          How they did could not be read: {figures.error.message}
          <Button onClick={() => void figures.refetch()}>Try again</Button>
        </div>
      )}
      <table className="w-full table-fixed">
        <colgroup>
          <col className="w-[24%] max-md:w-auto" />
          {hasApp && <col className="w-28 max-md:hidden" />}
          <col className="max-md:hidden" />
          <col className="w-36 max-2xl:hidden" />
          <col className="w-18 max-sm:w-16" />
          <col className="w-20" />
          <col className="w-22 max-xl:hidden" />
          <col className="w-22 max-lg:hidden" />
          <col className="w-20 max-lg:hidden" />
          <col className="w-32 max-lg:hidden" />
        </colgroup>
        <thead className="sticky top-0 z-10 bg-surface text-left text-xs text-ink-soft shadow-[inset_0_-1px_0_var(--line)]">
          <tr>
            <th scope="col" className={HEAD}>
              Function
            </th>
            {hasApp && (
              <th scope="col" className={`${HEAD} max-md:hidden`}>
                App
              </th>
            )}
            <th scope="col" className={`${HEAD} max-md:hidden`}>
              Triggers
            </th>
            <th scope="col" className={`${HEAD} max-2xl:hidden`}>
              Limits
            </th>
            <th scope="col" className={`${HEAD} text-right`} title="Runs in the last 24 hours">
              24 h
            </th>
            <th
              scope="col"
              className={`${HEAD} text-right`}
              title="Of the runs that ended in the last 24 hours"
            >
              Failed
            </th>
            <th scope="col" className={`${HEAD} text-right max-xl:hidden`} title="Half of the runs took less">
              p50
            </th>
            <th
              scope="col"
              className={`${HEAD} text-right max-lg:hidden`}
              title="Of twenty runs, one took longer"
            >
              p95
            </th>
            <th
              scope="col"
              className={`${HEAD} text-right max-lg:hidden`}
              title="Calls that are due and wait"
            >
              Waiting
            </th>
            <th scope="col" className={`${HEAD} max-lg:hidden`}>
              By hour
            </th>
          </tr>
        </thead>
        <tbody className="divide-y divide-line">
          {functions.map((fn) => (
            <tr key={fn.slug} className="hover:bg-sunken/60 focus-within:bg-accent-soft">
              <th scope="row" className={`${CELL} text-left font-normal`}>
                <span className="flex min-w-0 items-center gap-2">
                  <Link
                    data-row
                    to={paths.function(fn.app.id, fn.id)}
                    title={`${fn.name} · ${fn.slug}`}
                    className="min-w-0 truncate font-medium hover:underline"
                  >
                    {fn.name || fn.id}
                  </Link>
                  <Mark fn={fn} />
                </span>
              </th>
              {hasApp && (
                <td className={`${CELL} truncate max-md:hidden`}>
                  <Link to={paths.app(fn.app.id)} className="text-ink-soft hover:underline">
                    {fn.app.id}
                  </Link>
                </td>
              )}
              <td className={`${CELL} max-md:hidden`}>
                <Triggers triggers={fn.triggers ?? []} />
              </td>
              <td className={`${CELL} truncate text-ink-soft max-2xl:hidden`}>
                <Limits fn={fn} />
              </td>
              <FigureCells fn={fn} figures={figures.of(fn.slug)} cell={CELL} />
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}

function Mark({ fn }: { fn: Function }) {
  if (fn.isArchived)
    return (
      <span className={`${MARK} bg-off-soft text-off`} title="Its app no longer has it">
        <Archive aria-hidden className="size-3" />
        Archived
      </span>
    );
  if (!fn.isPaused) return null;
  return (
    <span className={`${MARK} bg-wait-soft text-wait`}>
      <Pause aria-hidden className="size-3" />
      Paused
    </span>
  );
}

const MARK = "inline-flex shrink-0 items-center gap-1 rounded-full px-1.5 text-xs font-medium";

function Limits({ fn }: { fn: Function }) {
  const limits = limitsOf(configurationOf(fn));
  if (limits.length === 0) return <span className="text-ink-faint">–</span>;
  return (
    <span title={limits.map(({ whole }) => whole).join("\n")}>
      {limits.map(({ short }) => short).join(" · ")}
    </span>
  );
}
