/** How a figure compares with the same time before. */

export interface Trend {
  /** `+12 %`, `−3.1 pp`, `new`. */
  words: string;
  direction: "up" | "down" | "same";
}

/** Of counts and durations, as a part of what it was. */
export function trendOf(now: number | undefined, before: number | undefined): Trend | undefined {
  if (now === undefined || before === undefined || (now === 0 && before === 0)) return undefined;
  if (before === 0) return { words: "none before", direction: "up" };
  return signed((now - before) / before, (part) => {
    const percent = Math.abs(part * 100);
    return percent >= 1000 ? `${Math.round(percent / 100 + 1)}×` : `${round(percent)} %`;
  });
}

/** Of rates, in points: from 2 % to 3 % is one of them. */
export function pointsOf(now: number | undefined, before: number | undefined): Trend | undefined {
  if (now === undefined || before === undefined) return undefined;
  return signed(now - before, (part) => `${round(Math.abs(part * 100))} points`);
}

function signed(part: number, words: (part: number) => string): Trend {
  const text = words(part);
  if (/^0(\.0)? /.test(text)) return { words: "as before", direction: "same" };
  return part > 0 ? { words: `+${text}`, direction: "up" } : { words: `−${text}`, direction: "down" };
}

function round(value: number): string {
  return value < 10 ? value.toFixed(1).replace(/\.0$/, "") : String(Math.round(value));
}

/** `24h` doubled is `48h`: where the time before begins. */
export function doubled(since: string): string {
  return since.replace(/^\d+/, (number) => String(Number(number) * 2));
}
