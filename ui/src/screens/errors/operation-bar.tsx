/** How far the operation is that was started here. */
import { useQuery } from "@tanstack/react-query";
import { queries } from "../../api/queries";
import type { Operation } from "../../api/types";
import { useRefetchOn } from "../../live/hooks";
import { Link } from "../../url/link";
import { paths } from "../../url/paths";

const STATES: Record<Operation["state"], string> = {
  RUNNING: "is running",
  ABORTING: "is being aborted",
  ABORTED: "was aborted",
  STOPPED: "stopped: too many failed",
  FAILED: "failed",
  COMPLETED: "is done",
};

export function OperationBar({ id }: { id: string }) {
  const operation = useQuery(queries.operation(id));
  useRefetchOn("operations", [["operation", id]]);
  if (operation.error)
    return (
      <p role="alert" className="rounded-lg bg-bad-soft px-3 py-2 text-bad">
        The operation could not be loaded: {operation.error.message}
      </p>
    );
  if (!operation.data) return null;
  const { kind, state, counts } = operation.data;
  const parts = [
    `${counts.done.toLocaleString("en-US")} started again`,
    counts.skipped > 0 && `${counts.skipped.toLocaleString("en-US")} skipped`,
    counts.failed > 0 && `${counts.failed.toLocaleString("en-US")} could not be`,
  ].filter(Boolean);
  return (
    <p role="status" className="flex flex-wrap gap-x-3 rounded-lg bg-run-soft px-3 py-2 text-run">
      <span className="font-medium">
        The {kind} {STATES[state]}
      </span>
      <span>{parts.join(", ")}</span>
      <Link to={paths.operation(id)} className="ml-auto underline">
        Open the operation
      </Link>
    </p>
  );
}
