/** What was found at a URL, stage by stage, with what helps at the one that failed. */
import { Check, Minus, X } from "lucide-react";
import type { ProbeReport } from "../../api/types";
import { duration } from "../../time/format";
import { problemOf } from "./rows";
import { stageRows, type StageRow } from "./stages";
import { Problem } from "./state";

export function ProbeReportView({ report }: { report: ProbeReport }) {
  return (
    <section aria-label="What was found" className="rounded-lg border border-line">
      <h3
        className="truncate border-b border-line px-3 py-1.5 font-mono text-xs text-ink-soft"
        title={report.url}
      >
        {report.url}
      </h3>
      <ol className="divide-y divide-line">
        {stageRows(report).map((row) => (
          <Stage key={row.name} row={row} />
        ))}
      </ol>
    </section>
  );
}

function Stage({ row: { title, stage } }: { row: StageRow }) {
  const problem = stage && problemOf({ error: stage.error ?? null });
  const [Icon, tone, word] = !stage
    ? ([Minus, "text-ink-faint", "Not tried"] as const)
    : stage.status === "passed"
      ? ([Check, "text-ok", "Passed"] as const)
      : ([X, "text-bad", "Failed"] as const);
  return (
    <li className="flex gap-2.5 px-3 py-1.5">
      <Icon aria-label={word} className={`mt-0.5 size-3.5 shrink-0 ${tone}`} />
      <div className="min-w-0 flex-1">
        <p className="flex items-baseline gap-3">
          <span className={stage ? "font-medium" : "text-ink-faint"}>{title}</span>
          {stage?.detail !== undefined && (
            <span className="min-w-0 truncate font-mono text-xs text-ink-soft" title={stage.detail}>
              {stage.detail}
            </span>
          )}
          {stage?.durationMs !== undefined && (
            <span className="ml-auto shrink-0 text-xs text-ink-faint">{duration(stage.durationMs)}</span>
          )}
        </p>
        {problem && <Problem problem={problem} />}
      </div>
    </li>
  );
}
