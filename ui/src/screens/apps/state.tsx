/** How an app is: a shape, a word, a colour; and what keeps it from being synced, with what helps. */
import { Check, CircleAlert, Hourglass, Wrench } from "lucide-react";
import type { AppProblem, AppState } from "./rows";

const LOOKS = {
  synced: { word: "Synced", icon: Check, text: "text-ok" },
  failing: { word: "Failing", icon: CircleAlert, text: "text-bad" },
  waiting: { word: "No app yet", icon: Hourglass, text: "text-wait" },
  api: { word: "By its API", icon: Check, text: "text-ok" },
} as const;

export function StateOfApp({ state }: { state: AppState }) {
  const { word, icon: Icon, text } = LOOKS[state];
  return (
    <span className={`inline-flex items-center gap-1.5 whitespace-nowrap ${text}`}>
      <Icon aria-hidden className="size-3.5 shrink-0" />
      {word}
    </span>
  );
}

/** Sentences of the server begin in the middle, and its fix is said as what to do. */
export function Problem({ problem }: { problem: AppProblem }) {
  return (
    <div className="flex min-w-0 flex-col gap-0.5">
      <p className="break-words text-bad">
        {sentence(problem.message)}
        {problem.code !== undefined && (
          <code className="ml-2 font-mono text-xs text-ink-faint">{problem.code}</code>
        )}
      </p>
      {problem.hint !== undefined && (
        <p className="flex gap-1.5 break-words text-ink">
          <Wrench aria-label="What helps" className="mt-0.5 size-3.5 shrink-0 text-ink-soft" />
          {sentence(problem.hint)}
        </p>
      )}
    </div>
  );
}

function sentence(text: string): string {
  const first = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(first) ? first : `${first}.`;
}
