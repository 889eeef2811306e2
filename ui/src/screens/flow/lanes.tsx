/** Calls by the values of their keys: what runs and waits under each, and what holds it up. */
import { ChevronDown, ChevronRight } from "lucide-react";
import { Fragment, useId, useState } from "react";
import type { FlowReport, Lane, Limit } from "../../api/types";
import { Cell, Head, ROW } from "../../kit/table";
import { Age, Elapsed } from "../../kit/time";
import { count } from "../../time/format";
import { Link } from "../../url/link";
import { paths } from "../../url/paths";
import { Section, SmallHead } from "./section";
import { blockText, counted, keyText, laneText, laneTitle } from "./words";

export function Lanes({ report }: { report: FlowReport }) {
  const lanes = report.lanes ?? [];
  const more = (report.lanesTotal ?? 0) - lanes.length;
  if (lanes.length === 0) return null;
  const hasKeys = lanes.some((lane) => lane.keys != null);
  return (
    <Section
      title={hasKeys ? "Calls by key" : "Calls"}
      note={more > 0 && `the ${lanes.length} that wait longest; ${more.toLocaleString("en-US")} more`}
    >
      <table className="w-full">
        <SmallHead>
          <Head>{hasKeys ? "Key" : ""}</Head>
          <Head isNumber>In use</Head>
          <Head isNumber>Waiting</Head>
          <Head isNumber>Oldest</Head>
          <Head>Held up by</Head>
        </SmallHead>
        <tbody className="divide-y divide-line">
          {lanes.map((lane, i) => (
            <LaneRow key={laneText(lane) || i} lane={lane} slug={report.function} readAt={report.readAt} />
          ))}
        </tbody>
      </table>
    </Section>
  );
}

interface RowProps {
  lane: Lane;
  /** Of the function. */
  slug: string;
  readAt: number;
}

function LaneRow({ lane, slug, readAt }: RowProps) {
  const [isOpen, setOpen] = useState(false);
  const id = useId();
  const own = (lane.limits ?? []).find((limit) => limit.most != null && limit.key);
  const blocks = [...new Map((lane.blockedBy ?? []).map((limit) => [limit.id, limit])).values()];
  const evidence = blocks.filter((limit) => (limit.holders ?? []).length > 0 || limit.until != null);
  const oldest = lane.oldestAgeMs == null ? undefined : new Date(readAt - lane.oldestAgeMs).toISOString();
  const Chevron = isOpen ? ChevronDown : ChevronRight;
  return (
    <Fragment>
      <tr className={ROW}>
        <Cell className="max-w-40" title={laneTitle(lane)}>
          <Keys lane={lane} slug={slug} />
        </Cell>
        <Cell isNumber>
          {count(lane.inUse)}
          {own && <span className="text-ink-soft"> / {own.most}</span>}
        </Cell>
        <Cell isNumber className={lane.backlog > 0 ? "font-medium text-wait" : "text-ink-faint"}>
          {count(lane.backlog)}
        </Cell>
        <Cell isNumber className="whitespace-nowrap text-ink-soft">
          {oldest === undefined ? "–" : <Elapsed from={oldest} to={undefined} />}
        </Cell>
        <Cell>
          {blocks.length === 0 ? (
            <span className="text-ink-faint">–</span>
          ) : evidence.length === 0 ? (
            blocks.map(blockText).join(", ")
          ) : (
            <button
              type="button"
              aria-expanded={isOpen}
              aria-controls={id}
              onClick={() => setOpen(!isOpen)}
              className="-mx-1 inline-flex min-h-6 items-center gap-1 rounded px-1 hover:bg-sunken"
            >
              <Chevron aria-hidden className="size-3.5 text-ink-faint" />
              {blocks.map(blockText).join(", ")}
            </button>
          )}
        </Cell>
      </tr>
      {isOpen && (
        <tr id={id}>
          <td colSpan={5} className="bg-canvas px-3 py-2">
            {evidence.map((limit) => (
              <Evidence key={limit.id} limit={limit} />
            ))}
          </td>
        </tr>
      )}
    </Fragment>
  );
}

/** The values of the keys, each with a link to the runs that go by it. */
function Keys({ lane, slug }: { lane: Lane; slug: string }) {
  const values = Object.values(lane.keys ?? {});
  if (values.length === 0) return <span className="text-ink-soft">all</span>;
  return (
    <span className="font-mono text-xs">
      {values.map((value, i) => (
        <Fragment key={i}>
          {i > 0 && " · "}
          <Link
            to={paths.runs({ functionId: slug, key: keyText(value), status: ["RUNNING", "QUEUED"] })}
            className="leading-6 text-accent hover:underline"
          >
            {keyText(value)}
          </Link>
        </Fragment>
      ))}
    </span>
  );
}

/** Who has what of a limit, or when it lets the next one go. */
function Evidence({ limit }: { limit: Limit }) {
  const holders = limit.holders ?? [];
  const more = (limit.inUse ?? 0) - holders.length;
  return (
    <div className="flex flex-col gap-1">
      {limit.until != null && (
        <p>
          The next one may go <Age at={limit.until} />.
        </p>
      )}
      {holders.length > 0 && (
        <ul aria-label={`Runs that hold ${blockText(limit)}`} className="flex flex-wrap gap-x-4 gap-y-0.5">
          {holders.map(({ runId, since }) => (
            <li key={`${runId} ${since}`} className="inline-flex items-center gap-2">
              <Link to={paths.run(runId)} className="font-mono text-xs leading-6 text-accent hover:underline">
                {runId}
              </Link>
              <span className="text-xs text-ink-soft">
                <Elapsed from={since} to={undefined} />
              </span>
            </li>
          ))}
        </ul>
      )}
      {holders.length > 0 && more > 0 && <p className="text-ink-soft">and {counted(more, "more call")}</p>}
    </div>
  );
}
