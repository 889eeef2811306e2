/** The error of the newest run of a group, with its stack. */
import { useQuery } from "@tanstack/react-query";
import { queries } from "../../api/queries";
import type { StepError } from "../../api/types";
import { Panel } from "../../kit/panel";
import { Empty, Failed, Loading } from "../../kit/states";
import { Age } from "../../kit/time";
import { Link } from "../../url/link";
import { paths } from "../../url/paths";
import { ErrorView } from "../run/error-view";

export function LastError({ run: id }: { run: string }) {
  const run = useQuery(queries.run(id));
  const error = run.data?.status === "FAILED" ? run.data.output : undefined;
  return (
    <Panel
      title="The last time"
      className="flex-1 overflow-hidden"
      actions={
        <span className="flex items-center gap-2 text-ink-soft">
          <Age at={run.data?.endedAt} />
          <Link
            to={paths.run(id)}
            className="inline-flex min-h-6 items-center font-mono text-xs text-accent hover:underline"
          >
            <span className="max-sm:hidden">{id}</span>
            <span className="font-sans sm:hidden">open the run</span>
          </Link>
        </span>
      }
    >
      <div className="min-h-0 flex-1 overflow-auto">
        {run.error && !run.data ? (
          <Failed what="The run" error={run.error} retry={run.refetch} />
        ) : !run.data ? (
          <Loading what="the run" />
        ) : isError(error) ? (
          <ErrorView error={error} />
        ) : (
          <Empty title="The run says nothing of its error" />
        )}
      </div>
    </Panel>
  );
}

function isError(value: unknown): value is StepError {
  return typeof value === "object" && value !== null;
}
