/** How a function is configured: by its code, and beside it. */
import { useQuery } from "@tanstack/react-query";
import { CalendarClock, Radio } from "lucide-react";
import type { ReactNode } from "react";
import { queries } from "../../api/queries";
import type { Function, Trigger } from "../../api/types";
import { Panel } from "../../kit/panel";
import { Failed } from "../../kit/states";
import { scheduleOf } from "../../time/cron";
import { LimitList } from "../flow/limit-list";
import { Section } from "../flow/section";
import { executionOf, startsOf, type Setting } from "./settings";

/** What each limit is for. */
const LIMIT_NOTES = {
  concurrency: "So many steps run at the same time; others wait.",
  second_concurrency: "A second limit of steps at the same time: both have to let a step go.",
  run_concurrency: "So many runs are under way at the same time; others wait to start.",
  throttle: "So many runs start in a period; others wait.",
  rate_limit: "So many runs start in a period; others are skipped.",
} as const;

export function ConfigurationPanel({ fn }: { fn: Function }) {
  const flow = useQuery({ ...queries.flow(fn.slug), enabled: !fn.isArchived });
  const starts = startsOf(fn);
  return (
    <Panel title="Configuration" className="shrink-0">
      <div className="flex flex-col divide-y divide-line">
        <Section title="Triggers">
          <Triggers triggers={fn.triggers ?? []} />
        </Section>
        <Section title="Execution">
          <Settings settings={executionOf(fn)} />
        </Section>
        {starts.length > 0 && (
          <Section title="Flow control">
            <Settings settings={starts} />
          </Section>
        )}
        {flow.error && !flow.data ? (
          <Failed what="The limits" error={flow.error} retry={flow.refetch} />
        ) : (
          flow.data && (
            <LimitList
              slug={fn.slug}
              configuration={fn.configuration}
              report={flow.data}
              notes={LIMIT_NOTES}
            />
          )
        )}
      </div>
    </Panel>
  );
}

function Triggers({ triggers }: { triggers: readonly Trigger[] }) {
  if (triggers.length === 0)
    return <p className="px-3 py-1 text-ink-soft">Nothing starts it but an invoke, or a request.</p>;
  return (
    <ul>
      {triggers.map((trigger) => (
        <li key={`${trigger.type} ${trigger.value} ${trigger.if ?? ""}`} className="flex gap-2 px-3 py-1">
          {trigger.type === "CRON" ? (
            <CalendarClock aria-label="Schedule" className="mt-0.5 size-3.5 shrink-0 text-ink-faint" />
          ) : (
            <Radio aria-label="Event" className="mt-0.5 size-3.5 shrink-0 text-ink-faint" />
          )}
          <div className="min-w-0 break-words">
            {trigger.type === "CRON" ? <Schedule cron={trigger.value} /> : trigger.value}
            {trigger.if !== undefined && (
              <p className="text-ink-soft">
                if <Code>{trigger.if}</Code>
              </p>
            )}
          </div>
        </li>
      ))}
    </ul>
  );
}

function Schedule({ cron }: { cron: string }) {
  const { words, zone } = scheduleOf(cron);
  return (
    <>
      {words}
      <span className="text-ink-soft">, {zone ?? "UTC"}</span> <Code>{cron}</Code>
    </>
  );
}

function Settings({ settings }: { settings: readonly Setting[] }) {
  return (
    <dl>
      {settings.map(({ name, value, code, what }) => (
        <div
          key={`${name} ${value} ${code ?? ""}`}
          className="grid grid-cols-[7.5rem_minmax(0,1fr)] gap-x-3 px-3 py-1"
        >
          <dt className="font-medium">{name}</dt>
          <dd className="min-w-0 break-words">
            {value} {code !== undefined && <Code>{code}</Code>}
            <p className="text-xs text-ink-soft">{what}</p>
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Code({ children }: { children: ReactNode }) {
  return <code className="font-mono text-xs break-all text-ink-soft">{children}</code>;
}
