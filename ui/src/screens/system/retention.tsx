/** For how long history is kept, and what retention did last. */
import type { Storage } from "../../api/types";
import { Facts } from "../../kit/panel";
import { Age } from "../../kit/time";
import { bytes, duration } from "../../time/format";
import { keptText } from "./storage";

const SETTINGS = [
  ["runs", "Runs", "--retention-runs"],
  ["events", "Events", "--retention-events"],
  ["traces", "Traces", "--retention-traces"],
] as const;

export function Retention({ storage }: { storage: Storage }) {
  const { retention, lastPortion: last } = storage;
  return (
    <div className="flex flex-col gap-3 p-3">
      <table className="w-full">
        <caption className="sr-only">For how long history is kept</caption>
        <thead className="text-left text-xs text-ink-soft">
          <tr>
            <th scope="col" className="pb-1 font-medium">
              History
            </th>
            <th scope="col" className="pb-1 font-medium">
              Kept for
            </th>
            <th scope="col" className="pb-1 text-right font-medium max-sm:hidden">
              Set by
            </th>
          </tr>
        </thead>
        <tbody>
          {SETTINGS.map(([name, word, flag]) => (
            <Setting key={name} word={word} value={keptText(retention[name])} flag={flag} />
          ))}
          <Setting
            word="All of it"
            value={retention.sizeBytes == null ? "Any size" : `Up to ${bytes(retention.sizeBytes)}`}
            flag="--retention-size"
          />
        </tbody>
      </table>
      <Facts
        items={[
          ["Looked last", <Age key="at" at={storage.lookedAt ?? undefined} />],
          ["Rows removed", `${(storage.removedRows ?? 0).toLocaleString("en-US")} since it started`],
          last != null && [
            "Last removed",
            <>
              {last.removedRows.toLocaleString("en-US")} rows of {last.history}, <Age at={last.at} />, in{" "}
              {duration(last.tookMs)}
            </>,
          ],
          ["Oldest run", <Age key="run" at={storage.oldestRun ?? undefined} />],
          ["Oldest event", <Age key="event" at={storage.oldestEvent ?? undefined} />],
        ]}
      />
    </div>
  );
}

function Setting({ word, value, flag }: { word: string; value: string; flag: string }) {
  return (
    <tr className="border-t border-line">
      <td className="py-1.5 text-ink-soft">{word}</td>
      <td className="py-1.5 font-medium">{value}</td>
      <td className="py-1.5 text-right max-sm:hidden">
        <code className="font-mono text-xs text-ink-soft">{flag}</code>
      </td>
    </tr>
  );
}
