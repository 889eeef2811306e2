/** Which time is shown: a time back from now, or one between two that was dragged over a chart. */
import { ChevronLeft, ChevronRight, X, ZoomOut } from "lucide-react";
import { Button } from "../../kit/button";
import { Segments } from "../../kit/segments";
import { serverClock } from "../../time/clock";
import { clockTime } from "../../time/format";
import { useZone, zoneName, type Zone } from "../../time/zone";
import { moved, SINCE_DEFAULT, type MetricsView } from "./params";

const SINCES = ["1h", "6h", "24h", "3d", "7d", "30d"] as const;
const ICON = "size-4";

interface Props {
  view: MetricsView;
  onChange: (view: MetricsView) => void;
}

export function TimeBar({ view, onChange }: Props) {
  const [zone] = useZone();
  const { from, until, since = SINCE_DEFAULT, ...rest } = view;
  const isKnown = SINCES.some((it) => it === since);
  const options = SINCES.map((value: string) => ({ value, word: value }));
  const go = (how: "back" | "forward" | "out") => onChange(moved(view, how, serverClock.now()));
  return (
    <div className="flex flex-wrap items-center gap-2">
      <Segments
        label="Time back from now"
        value={from === undefined ? since : ""}
        options={isKnown || from !== undefined ? options : [...options, { value: since, word: since }]}
        onChange={(next) => onChange({ ...rest, since: next })}
      />
      <div className="flex items-center">
        <Button
          look="ghost"
          aria-label="Earlier"
          hint="Earlier, by as much as is shown"
          icon={<ChevronLeft aria-hidden className={ICON} />}
          onClick={() => go("back")}
        />
        <Button
          look="ghost"
          aria-label="Later"
          hint="Later, by as much as is shown"
          disabled={until === undefined}
          icon={<ChevronRight aria-hidden className={ICON} />}
          onClick={() => go("forward")}
        />
        <Button
          look="ghost"
          aria-label="Twice as long"
          hint="Twice as long"
          icon={<ZoomOut aria-hidden className={ICON} />}
          onClick={() => go("out")}
        />
      </div>
      {from !== undefined && (
        <span className="inline-flex min-h-7 items-center gap-1 rounded-md bg-accent-soft pl-2.5">
          {timeWords(from, until, zone)}
          <Button
            look="ghost"
            aria-label="Back to the last day"
            hint="Back to the last day"
            icon={<X aria-hidden className="size-3.5" />}
            onClick={() => onChange(rest)}
          />
        </span>
      )}
    </div>
  );
}

/** `05:20 – 06:10 UTC`. */
function timeWords(from: string, until: string | undefined, zone: Zone): string {
  const now = serverClock.now();
  const words = (at: number) => clockTime(at, now, { utc: zone === "utc" }).replace(/:\d\d$/, "");
  const start = Date.parse(from);
  const end = until === undefined ? "now" : words(Date.parse(until));
  return `${words(start)} – ${end} ${zoneName(zone, start)}`;
}
