/** How many runs an operation would be about, and the newest of them. */
import type { UseQueryResult } from "@tanstack/react-query";
import type { OperationPreview } from "../api/types";
import { Failed, Loading } from "../kit/states";
import { runStatus, Status } from "../kit/status";
import { Age } from "../kit/time";
import { serverClock } from "../time/clock";
import { useZone, zonedTime } from "../time/zone";
import { Link } from "../url/link";
import { paths } from "../url/paths";
import { countWords } from "./wish";

interface Props {
  preview: UseQueryResult<OperationPreview>;
  /** What is done to them, such as `are replayed`. */
  does: string;
}

export function Preview({ preview, does }: Props) {
  const [zone] = useZone();
  if (preview.error && !preview.data)
    return <Failed what="The preview" error={preview.error} retry={preview.refetch} />;
  if (!preview.data) return <Loading what="the preview" />;
  const { sample = [], count, scannedTo } = preview.data;
  const rest = count - sample.length;
  return (
    <section aria-label="Preview" className="rounded-lg border border-line">
      <div className="flex flex-wrap items-baseline gap-x-3 border-b border-line px-3 py-2">
        <h3 role="status" className="font-medium">
          {count === 0 ? "There is no such run" : `${capital(countWords(preview.data))} ${does}`}
        </h3>
        {scannedTo !== undefined && (
          <span className="text-ink-soft">
            searched back to {zonedTime(Date.parse(scannedTo), zone, { now: serverClock.now() })}
          </span>
        )}
      </div>
      <ul className="divide-y divide-line">
        {sample.map((run) => (
          <li key={run.id} className="flex items-center gap-3 px-3 py-1">
            <span className="w-22 shrink-0">
              <Status status={runStatus(run)} />
            </span>
            <span className="min-w-0 flex-1 truncate max-sm:hidden">
              {run.function.name || run.function.id}
            </span>
            <Link
              to={paths.run(run.id)}
              target="_blank"
              className="inline-flex min-h-6 min-w-0 items-center truncate font-mono text-xs text-accent hover:underline"
            >
              {run.id}
            </Link>
            <Age at={run.queuedAt} className="w-16 shrink-0 text-right whitespace-nowrap text-ink-soft" />
          </li>
        ))}
        {rest > 0 && (
          <li className="px-3 py-1.5 text-ink-soft">
            and {rest.toLocaleString("en-US")} {preview.data.isExact ? "" : "or "}more that{" "}
            {rest === 1 ? "is" : "are"} older
          </li>
        )}
      </ul>
    </section>
  );
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
