/** Durations and times as people read them. */

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** `340 ms`, `1.24 s`, `12.1 s`, `4m 12s`, `3h 05m`, `6d 23h`. */
export function duration(ms: number): string {
  if (!Number.isFinite(ms)) return "";
  if (ms < 0) return `−${duration(-ms)}`;
  if (ms < 1) return ms === 0 ? "0 ms" : "<1 ms";
  if (Math.round(ms) < SECOND) return `${Math.round(ms)} ms`;
  if (ms < 9.995 * SECOND) return `${(ms / SECOND).toFixed(2)} s`;
  if (ms < 59.95 * SECOND) return `${(ms / SECOND).toFixed(1)} s`;
  const seconds = Math.round(ms / SECOND);
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m ${pad(seconds % 60)}s`;
  const minutes = Math.round(ms / MINUTE);
  if (minutes < 48 * 60) return `${Math.floor(minutes / 60)}h ${pad(minutes % 60)}m`;
  const hours = Math.round(ms / HOUR);
  return `${Math.floor(hours / 24)}d ${hours % 24}h`;
}

/** `now`, `12s ago`, `in 3h`. */
export function age(at: number, now: number): string {
  const distance = now - at;
  const words = coarse(Math.abs(distance));
  if (words === "") return "now";
  return distance > 0 ? `${words} ago` : `in ${words}`;
}

function coarse(ms: number): string {
  if (ms < SECOND) return "";
  if (ms < MINUTE) return `${Math.floor(ms / SECOND)}s`;
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)}m`;
  if (ms < 2 * DAY) return `${Math.floor(ms / HOUR)}h`;
  return `${Math.floor(ms / DAY)}d`;
}

/** `14:02:11.034` of today, else with the date before it. */
export function clockTime(at: number, now: number, options: { utc?: boolean; ms?: boolean } = {}): string {
  const date = new Date(at);
  const part = (name: "FullYear" | "Month" | "Date" | "Hours" | "Minutes" | "Seconds" | "Milliseconds") =>
    options.utc ? date[`getUTC${name}`]() : date[`get${name}`]();
  const time = `${pad(part("Hours"))}:${pad(part("Minutes"))}:${pad(part("Seconds"))}`;
  const fine = options.ms ? `${time}.${String(part("Milliseconds")).padStart(3, "0")}` : time;
  const day = `${part("FullYear")}-${pad(part("Month") + 1)}-${pad(part("Date"))}`;
  const today = new Date(now);
  const isToday = options.utc
    ? date.toISOString().slice(0, 10) === today.toISOString().slice(0, 10)
    : date.toDateString() === today.toDateString();
  return isToday ? fine : `${day} ${fine}`;
}

/** `1,234`, `12.3k`, `4.56M`. */
export function count(number: number): string {
  if (number < 10_000) return number.toLocaleString("en-US");
  if (number < 1_000_000) return `${trim(number / 1000)}k`;
  return `${trim(number / 1_000_000)}M`;
}

/** `512 B`, `1.2 kB`, `34 MB`: decimal, as disks are sold. */
export function bytes(size: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let unit = 0;
  while (size >= 1000 && unit < units.length - 1) {
    size /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? size : trim(size)} ${units[unit]}`;
}

function trim(number: number): string {
  return number >= 100 ? number.toFixed(0) : number >= 10 ? number.toFixed(1) : number.toFixed(2);
}

function pad(number: number): string {
  return String(number).padStart(2, "0");
}
