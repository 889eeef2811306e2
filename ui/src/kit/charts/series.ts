/** What charts over time are made of, and what of them can be told without drawing: stacks, sums, tables. */

/** A colour of `index.css`, so that it follows the theme. */
export type Token = "ok-bar" | "bad-bar" | "run-bar" | "wait-bar" | "off-bar" | "accent";

export interface Series {
  title: string;
  token: Token;
  /** One per bucket; `null` where there is nothing to tell, which is drawn as a gap. */
  values: readonly (number | null)[];
}

export interface Span {
  /** Unix milliseconds. */
  start: number;
  end: number;
}

/** Each series on top of those before it. */
export function stacked(series: readonly Series[]): number[][] {
  const tops: number[] = [];
  return series.map(({ values }) =>
    values.map((value, i) => {
      const top = (tops[i] ?? 0) + (value ?? 0);
      tops[i] = top;
      return top;
    }),
  );
}

export function sumOf(values: readonly (number | null)[]): number {
  return values.reduce<number>((sum, value) => sum + (value ?? 0), 0);
}

/** As a spreadsheet reads it: times are ISO, what is not known is empty. */
export function csvOf(spans: readonly Span[], series: readonly Series[]): string {
  const head = ["start", "end", ...series.map(({ title }) => title)];
  const rows = spans.map(({ start, end }, i) => [
    new Date(start).toISOString(),
    new Date(end).toISOString(),
    ...series.map(({ values }) => String(values[i] ?? "")),
  ]);
  return [head, ...rows].map((row) => row.map(cell).join(",")).join("\n");
}

function cell(text: string): string {
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** The rows of a table: the newest first, without those in which nothing happened. */
export function rowsOf(spans: readonly Span[], series: readonly Series[]) {
  return spans
    .map((span, i) => ({ ...span, values: series.map(({ values }) => values[i] ?? null) }))
    .filter(({ values }) => values.some((value) => value !== null && value !== 0))
    .reverse();
}
