/** In which time zone absolute times are shown: the browser's, or UTC. */
import { settings, useSetting } from "../settings";
import { clockTime } from "./format";

export type Zone = "local" | "utc";

const read = (value: string | undefined): Zone => (value === "utc" ? "utc" : "local");

export function zone(): Zone {
  return read(settings.get("zone"));
}

export function useZone(): [Zone, (zone: Zone) => void] {
  const [value, set] = useSetting("zone");
  return [read(value), set];
}

/** `UTC`, `GMT+2`. */
export function zoneName(shown: Zone, at: number): string {
  if (shown === "utc") return "UTC";
  const parts = new Intl.DateTimeFormat("en-US", { timeZoneName: "short" }).formatToParts(at);
  return parts.find((part) => part.type === "timeZoneName")?.value ?? "local";
}

/** A time in the zone that is shown, with its name: `14:02:11 UTC`. */
export function zonedTime(at: number, shown: Zone, options: { now?: number; ms?: boolean } = {}): string {
  const time = clockTime(at, options.now ?? 0, { utc: shown === "utc", ms: options.ms ?? false });
  return `${time} ${zoneName(shown, at)}`;
}
