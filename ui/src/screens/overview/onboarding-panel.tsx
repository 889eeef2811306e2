/** The first steps on a new server: they check themselves as they happen. */
import { Check, Circle, CircleDot, Copy } from "lucide-react";
import { Button } from "../../kit/button";
import { copy } from "../../kit/copy";
import { Panel } from "../../kit/panel";
import { Link } from "../../url/link";
import { paths } from "../../url/paths";
import { Problem } from "../apps/state";
import type { Step } from "./onboarding";

export function OnboardingPanel({ steps }: { steps: readonly Step[] }) {
  const done = steps.filter(({ isDone }) => isDone).length;
  const next = steps.find(({ isDone }) => !isDone);
  return (
    <Panel
      className="shrink-0"
      title={done === steps.length ? "All set" : "First steps"}
      actions={
        <span role="status" className="text-ink-soft">
          {done} of {steps.length}
        </span>
      }
    >
      <ol className="divide-y divide-line">
        {steps.map((step) => (
          <StepRow key={step.id} step={step} isNext={step === next} />
        ))}
      </ol>
    </Panel>
  );
}

function StepRow({ step, isNext }: { step: Step; isNext: boolean }) {
  const { title, isDone, says, command, tried = [] } = step;
  const [Icon, tone, word] = isDone
    ? ([Check, "text-ok", "Done"] as const)
    : isNext
      ? ([CircleDot, "text-accent", "Next"] as const)
      : ([Circle, "text-ink-faint", "Not yet"] as const);
  return (
    <li className="flex gap-3 px-3 py-2.5" aria-current={isNext ? "step" : undefined}>
      <Icon aria-label={word} className={`mt-0.5 size-4 shrink-0 ${tone}`} />
      <div className="flex min-w-0 flex-1 flex-col gap-1.5">
        <p>
          <span className={isNext ? "font-semibold" : "font-medium"}>{title}</span>{" "}
          <span className="text-ink-soft">{says}</span>
          {step.id === "event" && !isDone && (
            <>
              {" "}
              <Link to={paths.send()} className="text-accent underline">
                Or send one from here
              </Link>
              .
            </>
          )}
          {step.id === "run" && isDone && (
            <>
              {" "}
              <Link to={paths.runs()} className="text-accent underline">
                See the runs
              </Link>
              .
            </>
          )}
        </p>
        {command !== undefined && <Command text={command} />}
        {tried.length > 0 && <Tried tried={tried} />}
      </div>
    </li>
  );
}

function Command({ text }: { text: string }) {
  return (
    <div className="flex items-center gap-2 rounded-md bg-sunken py-1 pr-1 pl-3">
      <code className="min-w-0 flex-1 font-mono text-xs break-all">{text}</code>
      <Button
        look="ghost"
        aria-label={`Copy ${text}`}
        hint="Copy"
        icon={<Copy aria-hidden className="size-3.5" />}
        onClick={() => void copy(text, "the command")}
      />
    </div>
  );
}

function Tried({ tried }: { tried: NonNullable<Step["tried"]> }) {
  return (
    <div>
      <p className="text-xs text-ink-faint">Looked for it at</p>
      <ul className="flex flex-col gap-1">
        {tried.map(({ url, problem }) => (
          <li key={url}>
            <span className="font-mono text-xs">{url}</span>
            {problem ? <Problem problem={problem} /> : <span className="text-ink-soft"> is being asked</span>}
          </li>
        ))}
      </ul>
    </div>
  );
}
