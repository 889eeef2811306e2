import { useNow } from "../time/clock";
import { age, clockTime, duration } from "../time/format";
import { Hint } from "./hint";

/** How long ago something was; its time in local and in UTC on hover. */
export function Age({ at, className }: { at: string | undefined; className?: string }) {
  const now = useNow();
  if (at === undefined) return <span className="text-ink-faint">–</span>;
  const time = Date.parse(at);
  return (
    <Hint
      text={`${clockTime(time, 0, { ms: true })} local · ${clockTime(time, 0, { ms: true, utc: true })} UTC`}
    >
      <time dateTime={at} className={className}>
        {age(time, now)}
      </time>
    </Hint>
  );
}

/** From a time to another, or until now and growing. */
export function Elapsed({ from, to }: { from: string | undefined; to: string | undefined }) {
  const now = useNow(from !== undefined && to === undefined);
  if (from === undefined) return <span className="text-ink-faint">–</span>;
  const end = to === undefined ? now : Date.parse(to);
  return <>{duration(Math.max(0, end - Date.parse(from)))}</>;
}
