/** Where a logarithmic axis of durations is marked: at lengths that people know. */

/** In milliseconds: 1 ms … 1 s, 10 s, 1 min, 10 min, 1 h, 10 h, 1 d, 10 d, 100 d. */
const RUNGS: readonly number[] = [
  1, 10, 100, 1e3, 10e3, 60e3, 600e3, 3600e3, 36_000e3, 86_400e3, 864_000e3, 8_640_000e3,
];

/** The rungs around these values: at least two, so that there is an axis. What is shorter than the first counts as it. */
export function ladder(least: number | null, most: number | null): number[] {
  const low = Math.max(1, least ?? 1);
  const high = Math.max(low, most ?? low);
  const first = Math.max(
    0,
    RUNGS.findLastIndex((rung) => rung <= low),
  );
  const found = RUNGS.findIndex((rung) => rung >= high);
  const last = Math.max(found === -1 ? RUNGS.length - 1 : found, first + 1);
  return RUNGS.slice(first, last + 1);
}
