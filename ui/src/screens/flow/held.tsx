/** What is held back: debounces, batches, places that runs have; and the buttons that let it go. */
import { LogOut, Play } from "lucide-react";
import type { Batch, Debounce, Hold } from "../../api/types";
import { Button } from "../../kit/button";
import { ConfirmButton } from "../../kit/confirm-button";
import { Cell, Head, ROW } from "../../kit/table";
import { Age } from "../../kit/time";
import { bytes } from "../../time/format";
import { Link } from "../../url/link";
import { paths } from "../../url/paths";
import { previewOf } from "../events/preview";
import { acts, useAct } from "./act";
import { Section, SmallHead } from "./section";

const ICON = "size-3.5";

export function Debounces({ debounces }: { debounces: readonly Debounce[] }) {
  const { mutate, isPending } = useAct();
  if (debounces.length === 0) return null;
  return (
    <Section title="Debounced" note="the newest event is held until no other comes">
      <table className="w-full">
        <SmallHead>
          <Head>Key</Head>
          <Head>Event that is held</Head>
          <Head isNumber>Events</Head>
          <Head>Starts</Head>
          <Head>
            <span className="sr-only">Action</span>
          </Head>
        </SmallHead>
        <tbody className="divide-y divide-line">
          {debounces.map((debounce) => (
            <tr key={debounce.id} className={ROW}>
              <Cell className="max-w-32" title={debounce.key ?? undefined}>
                <Key value={debounce.key} />
              </Cell>
              <Cell className="w-full max-w-0 min-w-32">
                <Link
                  to={paths.event(debounce.event.id)}
                  className="block truncate leading-6 text-accent hover:underline"
                >
                  {debounce.event.payload?.name ?? debounce.event.id}
                </Link>
                <span className="block truncate font-mono text-xs text-ink-soft">
                  {previewOf(debounce.event.payload?.data)}
                </span>
              </Cell>
              <Cell isNumber>{debounce.events}</Cell>
              <Cell className="whitespace-nowrap">
                <Age at={debounce.fireAt} />
              </Cell>
              <Cell isNumber>
                <Button
                  icon={<Play aria-hidden className={ICON} />}
                  disabled={isPending}
                  aria-label={`Run now: ${debounce.key ?? debounce.event.id}`}
                  onClick={() => mutate(acts.fire(debounce.id))}
                >
                  Run now
                </Button>
              </Cell>
            </tr>
          ))}
        </tbody>
      </table>
    </Section>
  );
}

export function Batches({ batches }: { batches: readonly Batch[] }) {
  const { mutate, isPending } = useAct();
  if (batches.length === 0) return null;
  return (
    <Section title="Batches" note="that are not full">
      <table className="w-full">
        <SmallHead>
          <Head>Key</Head>
          <Head isNumber>Events</Head>
          <Head isNumber>Size</Head>
          <Head>Opened</Head>
          <Head>Starts</Head>
          <Head>
            <span className="sr-only">Action</span>
          </Head>
        </SmallHead>
        <tbody className="divide-y divide-line">
          {batches.map((batch) => (
            <tr key={batch.id} className={ROW}>
              <Cell className="max-w-32" title={batch.key ?? undefined}>
                <Key value={batch.key} />
              </Cell>
              <Cell isNumber>{batch.events.toLocaleString("en-US")}</Cell>
              <Cell isNumber className="whitespace-nowrap">
                {bytes(batch.bytes)}
              </Cell>
              <Cell className="whitespace-nowrap text-ink-soft">
                <Age at={batch.openedAt} />
              </Cell>
              <Cell className="whitespace-nowrap">
                <Age at={batch.fireAt} />
              </Cell>
              <Cell isNumber>
                <Button
                  icon={<Play aria-hidden className={ICON} />}
                  disabled={isPending}
                  aria-label={`Flush ${batch.key ?? batch.id}`}
                  onClick={() => mutate(acts.flush(batch.id))}
                >
                  Flush
                </Button>
              </Cell>
            </tr>
          ))}
        </tbody>
      </table>
    </Section>
  );
}

const KINDS: Record<Hold["kind"], string> = { singleton: "Singleton", run_concurrency: "Runs at once" };

export function Holders({ holders }: { holders: readonly Hold[] }) {
  const { mutate, isPending } = useAct();
  if (holders.length === 0) return null;
  return (
    <Section title="Places that runs have">
      <table className="w-full">
        <SmallHead>
          <Head>Of</Head>
          <Head>Key</Head>
          <Head>Run</Head>
          <Head>Since</Head>
          <Head>
            <span className="sr-only">Action</span>
          </Head>
        </SmallHead>
        <tbody className="divide-y divide-line">
          {holders.map((hold) => (
            <tr key={`${hold.limit} ${hold.runId}`} className={ROW}>
              <Cell>{KINDS[hold.kind]}</Cell>
              <Cell className="max-w-32" title={hold.key ?? undefined}>
                <Key value={hold.key} />
              </Cell>
              <Cell className="w-full max-w-0 min-w-24" title={hold.runId}>
                <Link
                  to={paths.run(hold.runId)}
                  className="block truncate font-mono text-xs leading-6 text-accent hover:underline"
                >
                  {hold.runId}
                </Link>
              </Cell>
              <Cell className="whitespace-nowrap text-ink-soft">
                <Age at={hold.since} />
              </Cell>
              <Cell isNumber>
                <ConfirmButton
                  again="Let another run start?"
                  icon={<LogOut aria-hidden className={ICON} />}
                  isDisabled={isPending}
                  onConfirm={() => mutate(acts.release(hold.limit, hold.runId))}
                >
                  Release
                </ConfirmButton>
              </Cell>
            </tr>
          ))}
        </tbody>
      </table>
    </Section>
  );
}

function Key({ value }: { value: string | null | undefined }) {
  return value == null ? (
    <span className="text-ink-faint">–</span>
  ) : (
    <span className="font-mono text-xs">{value}</span>
  );
}
