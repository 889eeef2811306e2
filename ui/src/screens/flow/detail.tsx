/** One function: what holds it up, its limits, its keys, and what is held back. */
import { useQuery } from "@tanstack/react-query";
import { CirclePause, CirclePlay, CloudOff } from "lucide-react";
import { useState, type ReactNode } from "react";
import { queries } from "../../api/queries";
import type { FlowReport, Function, Pause } from "../../api/types";
import { Button } from "../../kit/button";
import { Panel } from "../../kit/panel";
import { Failed, Loading } from "../../kit/states";
import { Age } from "../../kit/time";
import { duration } from "../../time/format";
import { Link } from "../../url/link";
import { paths } from "../../url/paths";
import { acts, useAct } from "./act";
import { Batches, Debounces, Holders } from "./held";
import { Lanes } from "./lanes";
import { LimitList } from "./limit-list";
import { PauseDialog } from "./pause-dialog";
import { counted } from "./words";

interface Props {
  slug: string;
  /** Nothing until functions are there, or if it is not one of them. */
  fn: Function | undefined;
  close: ReactNode;
}

export function FlowDetail({ slug, fn, close }: Props) {
  const report = useQuery(queries.flow(slug));
  return (
    <Panel
      className="flex-1 overflow-hidden"
      title={
        fn ? (
          <Link to={paths.function(fn.app.id, fn.id)} className="hover:underline" title={slug}>
            {fn.name || fn.id}
          </Link>
        ) : (
          slug
        )
      }
      actions={
        <>
          <Link
            to={paths.runs({ functionId: slug, status: ["RUNNING", "QUEUED"] })}
            className="inline-flex min-h-6 items-center px-1 text-accent hover:underline max-sm:hidden"
          >
            Its runs
          </Link>
          {report.data && <PauseButton slug={slug} pause={report.data.pause ?? undefined} />}
          {close}
        </>
      }
    >
      <div className="flex min-h-0 flex-1 flex-col divide-y divide-line overflow-auto">
        {report.error && !report.data ? (
          <Failed what="The function" error={report.error} retry={report.refetch} />
        ) : !report.data ? (
          <Loading what="the function" />
        ) : (
          <>
            <Summary report={report.data} slug={slug} />
            <LimitList slug={slug} configuration={fn?.configuration ?? {}} report={report.data} />
            <Lanes report={report.data} />
            <Debounces debounces={report.data.debounces ?? []} />
            <Batches batches={report.data.batches ?? []} />
            <Holders holders={report.data.holders ?? []} />
          </>
        )}
      </div>
    </Panel>
  );
}

function Summary({ slug, report }: { slug: string; report: FlowReport }) {
  const app = (report.limits ?? []).find(({ name }) => name === "app");
  return (
    <div className="flex flex-col gap-2 px-3 py-2.5">
      {report.pause && <PauseBanner pause={report.pause} />}
      {app?.admits === false && <AppBanner slug={slug} />}
      <p className="text-ink-soft">
        {counted(report.inUse, "call")} in flight, {report.backlog.toLocaleString("en-US")} waiting
        {report.meanCallMs > 0 && `; a call takes ${duration(report.meanCallMs)} on average`}
        {app?.most != null &&
          `; the app may have ${app.most.toLocaleString("en-US")} in flight and has ${app.inUse ?? 0}`}
        .
      </p>
    </div>
  );
}

const PAUSED = {
  skip: "new runs are skipped",
  queue: "new runs are queued",
  finish: "those that there are go on to their end",
  hold: "those that there are are held where they are",
} as const;

function PauseBanner({ pause }: { pause: Pause }) {
  return (
    <Banner icon={<CirclePause aria-hidden className="mt-0.5 size-4 shrink-0" />}>
      <span className="font-medium">Paused</span> <Age at={pause.pausedAt} />: {PAUSED[pause.newRuns]},{" "}
      {PAUSED[pause.running]}.{pause.reason && <span className="block">“{pause.reason}”</span>}
    </Banner>
  );
}

/** Why the app gets no calls is told by the explanation. */
function AppBanner({ slug }: { slug: string }) {
  const explanation = useQuery(queries.flowExplanation(slug));
  const reason = explanation.data?.reasons?.find(({ kind }) => kind.startsWith("app_"));
  if (!reason) return null;
  return (
    <Banner icon={<CloudOff aria-hidden className="mt-0.5 size-4 shrink-0" />}>
      <span className="font-medium">{capital(withoutTime(reason.text))}</span>
      {reason.since !== undefined && (
        <>
          . Since <Age at={reason.since} />
        </>
      )}
      {reason.until !== undefined && (
        <>
          , next <Age at={reason.until} />
        </>
      )}
      .
    </Banner>
  );
}

function Banner({ icon, children }: { icon: ReactNode; children: ReactNode }) {
  return (
    <div className="flex gap-2 rounded-md bg-wait-soft px-2.5 py-1.5 text-wait">
      {icon}
      <p className="min-w-0 break-words">{children}</p>
    </div>
  );
}

function PauseButton({ slug, pause }: { slug: string; pause: Pause | undefined }) {
  const [isAsking, setAsking] = useState(false);
  const { mutate, isPending } = useAct();
  if (pause) {
    return (
      <Button
        icon={<CirclePlay aria-hidden className="size-3.5" />}
        disabled={isPending}
        onClick={() => mutate(acts.resume(slug))}
      >
        Resume
      </Button>
    );
  }
  return (
    <>
      <Button icon={<CirclePause aria-hidden className="size-3.5" />} onClick={() => setAsking(true)}>
        Pause…
      </Button>
      {isAsking && <PauseDialog slug={slug} onClose={() => setAsking(false)} />}
    </>
  );
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** The explanation says it in UTC; it is told beside it, as it passes. */
function withoutTime(text: string): string {
  return text.replace(/ until \d{4}-\S+$/, "");
}
