/** What a run or a step led to, and what led to it: events, runs, reruns. */
import { useInfiniteQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { queries } from "../../api/queries";
import type { Link as SpanLink, Run, Span } from "../../api/types";
import { Button } from "../../kit/button";
import { Failed, Loading } from "../../kit/states";
import { Status } from "../../kit/status";
import { Age } from "../../kit/time";
import { EventLink, RunLink } from "./summary";

/** Steps of a run whose events are listed with it. */
const STEPS_SHOWN = 50;

interface Props {
  run: Run;
  span: Span;
  isRun: boolean;
  onStep: (step: string) => void;
}

export function Linked({ run, span, isRun, onStep }: Props) {
  const sending = isRun ? (span.children ?? []).filter((child) => (child.links ?? []).length > 0) : [];
  return (
    <div className="flex flex-col gap-4 p-3">
      {isRun && (
        <Section title="Started by">
          {(run.trigger.eventIds ?? []).slice(0, STEPS_SHOWN).map((id) => (
            <li key={id}>
              <EventLink id={id} />
            </li>
          ))}
        </Section>
      )}
      {span.stepInfo?.foundEventID !== undefined && (
        <Section title="Got">
          <li>
            <EventLink id={span.stepInfo.foundEventID} />
          </li>
        </Section>
      )}
      {(span.links ?? []).length > 0 && (
        <Section title="Sent">
          <Links links={span.links ?? []} />
        </Section>
      )}
      {sending.slice(0, STEPS_SHOWN).map((child) => (
        <Section
          key={child.id}
          title={
            <button type="button" className="text-accent hover:underline" onClick={() => onStep(child.id)}>
              {child.name}
            </button>
          }
        >
          <Links links={child.links ?? []} />
        </Section>
      ))}
      {isRun && <Reruns run={run.id} />}
    </div>
  );
}

function Links({ links }: { links: readonly SpanLink[] }) {
  return links.map((link) => (
    <li key={link.eventId} className="flex flex-col gap-1">
      <EventLink id={link.eventId} />
      {(link.runs ?? []).length === 0 ? (
        <span className="pl-4 text-ink-soft">started no run</span>
      ) : (
        <ul className="flex flex-col gap-1 border-l border-line pl-3">
          {(link.runs ?? []).map((run) => (
            <li key={run.id} className="flex flex-wrap items-center gap-2">
              <Status status={run.status} />
              <RunLink id={run.id} />
            </li>
          ))}
        </ul>
      )}
    </li>
  ));
}

function Reruns({ run }: { run: string }) {
  const reruns = useInfiniteQuery(queries.reruns(run));
  if (reruns.error) return <Failed what="The reruns" error={reruns.error} retry={reruns.refetch} />;
  if (!reruns.data) return <Loading what="the reruns" />;
  const items = reruns.data.pages.flatMap((page) => page.items);
  return (
    <Section title="Reruns">
      {items.length === 0 && <li className="text-ink-soft">It was not run again.</li>}
      {items.map((rerun) => (
        <li key={rerun.runId} className="flex items-baseline gap-2">
          <RunLink id={rerun.runId} />
          <Age at={rerun.queuedAt} className="text-ink-soft" />
        </li>
      ))}
      {reruns.hasNextPage && (
        <li>
          <Button onClick={() => void reruns.fetchNextPage()}>More</Button>
        </li>
      )}
    </Section>
  );
}

function Section({ title, children }: { title: ReactNode; children: ReactNode }) {
  return (
    <section>
      <h3 className="mb-1 font-medium">{title}</h3>
      <ul className="flex flex-col gap-1.5">{children}</ul>
    </section>
  );
}
