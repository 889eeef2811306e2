/** How many runs an operation would be about, and the newest of them. */
import type { UseQueryResult } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { OperationPreview } from "../../api/types";
import { Failed, Loading } from "../../kit/states";
import { runStatus, Status } from "../../kit/status";
import { Age } from "../../kit/time";
import { paths } from "../../url/paths";
import { countWords } from "./replay";

export function Preview({ preview }: { preview: UseQueryResult<OperationPreview> }) {
  if (preview.error && !preview.data)
    return <Failed what="The preview" error={preview.error} retry={preview.refetch} />;
  if (!preview.data) return <Loading what="the preview" />;
  const sample = preview.data.sample ?? [];
  const rest = preview.data.count - sample.length;
  return (
    <section aria-label="Preview" className="rounded-lg border border-line">
      <h3 role="status" className="border-b border-line px-3 py-2 font-medium">
        {preview.data.count === 0
          ? "No run is left that failed with it"
          : `${capital(countWords(preview.data))} ${preview.data.count === 1 ? "has" : "have"} failed with it`}
      </h3>
      <ul className="divide-y divide-line">
        {sample.map((run) => (
          <li key={run.id} className="flex items-center gap-3 px-3 py-1">
            <Status status={runStatus(run)} />
            <Link
              to={paths.run(run.id)}
              className="inline-flex min-h-6 min-w-0 items-center truncate font-mono text-xs text-accent hover:underline"
            >
              {run.id}
            </Link>
            <Age at={run.queuedAt} className="ml-auto whitespace-nowrap text-ink-soft" />
          </li>
        ))}
        {rest > 0 && (
          <li className="px-3 py-1.5 text-ink-soft">
            and {rest.toLocaleString("en-US")} more that are older
          </li>
        )}
      </ul>
    </section>
  );
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
