/** The limits of a function: by the code, as they are set beside it, and how much is in use. */
import { SlidersHorizontal, Undo2 } from "lucide-react";
import { useState } from "react";
import type { FlowReport, LimitName, Override } from "../../api/types";
import { Button } from "../../kit/button";
import { Age } from "../../kit/time";
import { duration } from "../../time/format";
import { acts, useAct } from "./act";
import { driftText, limitRows, rateText, type LimitRow } from "./limits";
import { OverrideDialog } from "./override-dialog";
import { Section } from "./section";
import { LIMITS } from "./words";

interface Props {
  slug: string;
  configuration: Record<string, unknown>;
  report: FlowReport;
  /** What each is for, where that is not known. */
  notes?: Readonly<Record<LimitName, string>>;
}

export function LimitList({ slug, configuration, report, notes }: Props) {
  const rows = limitRows(configuration, report);
  if (rows.length === 0) return null;
  return (
    <Section title="Limits">
      <ul className="divide-y divide-line">
        {rows.map((row) => (
          <LimitItem key={row.name} slug={slug} row={row} note={notes?.[row.name]} />
        ))}
      </ul>
    </Section>
  );
}

function LimitItem({ slug, row, note }: { slug: string; row: LimitRow; note: string | undefined }) {
  const [isAsking, setAsking] = useState(false);
  const { code, override, keyOverrides } = row;
  const overrides = override ? [override, ...keyOverrides] : keyOverrides;
  return (
    <li className="flex flex-col gap-1 px-3 py-1.5">
      <div className="flex items-center gap-3">
        <div className="min-w-0 flex-1">
          <p className="flex flex-wrap items-baseline gap-x-2">
            <span className="font-medium">{LIMITS[row.name]}</span>
            {override ? (
              <>
                <Value override={override} code={code} />
                {code && <s className="text-ink-faint">{rateText(code.value, code.period)}</s>}
              </>
            ) : (
              code && <span>{rateText(code.value, code.period)}</span>
            )}
            {row.expression !== undefined && (
              <span className="text-ink-soft">
                per <code className="font-mono text-xs">{row.expression}</code>
              </span>
            )}
            {code?.burst !== undefined && <span className="text-ink-soft">burst {code.burst}</span>}
            {code?.scope !== undefined && <span className="text-ink-soft">{code.scope}</span>}
          </p>
          {note !== undefined && <p className="text-xs text-ink-soft">{note}</p>}
        </div>
        <Use row={row} />
        <Button
          look="ghost"
          aria-label={`Set ${LIMITS[row.name].toLowerCase()} beside the code`}
          hint="Set it beside the code"
          icon={<SlidersHorizontal aria-hidden className="size-3.5" />}
          onClick={() => setAsking(true)}
        />
      </div>
      {overrides.map((it) => (
        <OverrideLine key={it.key ?? ""} slug={slug} override={it} />
      ))}
      {isAsking && <OverrideDialog slug={slug} row={row} onClose={() => setAsking(false)} />}
    </li>
  );
}

function Value({ override, code }: { override: Override; code: LimitRow["code"] }) {
  const period = override.periodMs == null ? code?.period : duration(override.periodMs);
  return <span className="font-medium text-accent">{rateText(override.value, period)}</span>;
}

/** A bar and `5 of 8`, or how many keys are full. */
function Use({ row }: { row: LimitRow }) {
  const { state, keys, fullKeys } = row;
  if (state?.most != null) {
    const used = state.inUse ?? 0;
    return (
      <span className="flex shrink-0 items-center gap-2 whitespace-nowrap">
        <Meter used={used} most={state.most} />
        {used} of {state.most}
      </span>
    );
  }
  if (state?.until != null) {
    return (
      <span className="shrink-0 whitespace-nowrap text-wait">
        next <Age at={state.until} />
      </span>
    );
  }
  if (keys === 0) return null;
  return (
    <span className={`shrink-0 whitespace-nowrap ${fullKeys > 0 ? "text-wait" : "text-ink-soft"}`}>
      {fullKeys} of {keys} {keys === 1 ? "key" : "keys"} full
    </span>
  );
}

function Meter({ used, most }: { used: number; most: number }) {
  const part = most === 0 ? 1 : Math.min(1, used / most);
  return (
    <span aria-hidden className="h-1.5 w-16 overflow-hidden rounded-full bg-sunken">
      <span
        className={`block h-full rounded-full ${part >= 1 ? "bg-wait-bar" : "bg-run-bar"}`}
        style={{ width: `${part * 100}%` }}
      />
    </span>
  );
}

function OverrideLine({ slug, override }: { slug: string; override: Override }) {
  const { mutate, isPending } = useAct();
  const period = override.periodMs == null ? undefined : duration(override.periodMs);
  return (
    <div className="flex items-center gap-3 rounded-md bg-accent-soft/60 py-0.5 pr-1 pl-2.5">
      <p className="min-w-0 flex-1 break-words">
        {override.key != null && (
          <>
            <span className="font-medium">{rateText(override.value, period)}</span> for{" "}
            <code className="font-mono text-xs">{override.key}</code>
            {": "}
          </>
        )}
        {driftText(override)}, set <Age at={override.createdAt} />
        {override.expiresAt != null && (
          <>
            , ends <Age at={override.expiresAt} />
          </>
        )}
        {override.reason && <span className="text-ink-soft"> “{override.reason}”</span>}
      </p>
      <Button
        look="ghost"
        icon={<Undo2 aria-hidden className="size-3.5" />}
        disabled={isPending}
        onClick={() => mutate(acts.restore(slug, override.limit, override.key))}
      >
        By the code again
      </Button>
    </div>
  );
}
