/** The last runs of an operation for which it could not be done, and why. */
import type { Operation } from "../../api/types";
import { Panel } from "../../kit/panel";
import { Link } from "../../url/link";
import { paths } from "../../url/paths";

export function OperationErrors({ operation }: { operation: Operation }) {
  const { errors = [], counts } = operation;
  if (counts.failed === 0 && errors.length === 0) return null;
  const rest = counts.failed - errors.length;
  return (
    <Panel title={`Why it failed for ${counts.failed.toLocaleString("en-US")}`}>
      <ul className="divide-y divide-line">
        {errors.map(({ runId, message }) => (
          <li key={runId} className="flex flex-col px-3 py-1.5">
            <Link to={paths.run(runId)} className="font-mono text-xs text-accent hover:underline">
              {runId}
            </Link>
            <span className="break-words">{message}</span>
          </li>
        ))}
        {rest > 0 && (
          <li className="px-3 py-1.5 text-ink-soft">
            Of {rest.toLocaleString("en-US")} others the reason is not kept.
          </li>
        )}
      </ul>
    </Panel>
  );
}
