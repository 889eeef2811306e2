/** Figures in the text format of Prometheus: those that are asked for by name. */
export interface Sample {
  labels: Record<string, string>;
  value: number;
}

export class Samples {
  constructor(readonly byName: ReadonlyMap<string, readonly Sample[]>) {}

  of(name: string): readonly Sample[] {
    return this.byName.get(name) ?? [];
  }

  /** The one without labels, or nothing. */
  value(name: string): number | undefined {
    return this.of(name)[0]?.value;
  }

  /** All of a name, added up. */
  sum(name: string, labels: Record<string, string> = {}): number {
    const fits = (sample: Sample) =>
      Object.entries(labels).every(([label, value]) => sample.labels[label] === value);
    return this.of(name).reduce((sum, sample) => (fits(sample) ? sum + sample.value : sum), 0);
  }
}

const LINE = /^([A-Za-z_:][\w:]*)(?:\{(.*)\})?\s+(\S+)/;
const LABEL = /([A-Za-z_]\w*)="((?:[^"\\]|\\.)*)"/g;

export function parseSamples(text: string): Samples {
  const byName = new Map<string, Sample[]>();
  for (const line of text.split("\n")) {
    const [, name, labels = "", value] = LINE.exec(line) ?? [];
    if (name === undefined) continue;
    const sample = { labels: parseLabels(labels), value: number(value ?? "") };
    const others = byName.get(name);
    if (others) others.push(sample);
    else byName.set(name, [sample]);
  }
  return new Samples(byName);
}

function parseLabels(text: string): Record<string, string> {
  const found = [...text.matchAll(LABEL)];
  return Object.fromEntries(found.map(([, name = "", value = ""]) => [name, unescape(value)]));
}

function unescape(value: string): string {
  return value.replace(/\\(.)/g, (_, character: string) => (character === "n" ? "\n" : character));
}

function number(text: string): number {
  return text === "+Inf" ? Infinity : text === "-Inf" ? -Infinity : Number(text);
}
