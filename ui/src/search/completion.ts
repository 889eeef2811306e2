/**
 * What one may be about to write in an expression: the names that a search knows (`server/src/search/vocabulary.rs`),
 * paths that are in the data of events, and the values of what has few.
 */
export type Over = "runs" | "events";

export interface Known {
  /** Paths by which values are found, such as `event.data.amount`. */
  paths: readonly string[];
  /** By path: what it can be. */
  values: Readonly<Record<string, readonly string[]>>;
}

export interface Completion {
  /** Where the text begins that an option stands for. */
  from: number;
  options: readonly string[];
}

const EVENT = ["id", "name", "ts", "v", "user", "data"].map((name) => `event.${name}`);

export const VOCABULARY: Record<Over, readonly string[]> = {
  runs: [
    ...["id", "status", "queued_at", "started_at", "ended_at", "duration", "keys", "tags", "attempts"].map(
      (name) => `run.${name}`,
    ),
    ...["id", "slug", "name"].map((name) => `fn.${name}`),
    "app.id",
    "app.version",
    "trigger.kind",
    ...EVENT,
    "output",
    "error.name",
    "error.message",
    'step("',
  ],
  events: [...EVENT, "event.internal_id", "event.received_at"],
};

const OPTIONS_MAX = 8;
const PATH = /[A-Za-z_][\w.]*$/;
const COMPARED = /([A-Za-z_][\w.]*)\s*[=!]=\s*(["'])([^"']*)$/;

/** At the caret, which is after `before`. */
export function completionOf(before: string, known: Known): Completion | undefined {
  const compared = COMPARED.exec(before);
  if (compared) {
    const [, path = "", quote = "", typed = ""] = compared;
    const fit = matching(known.values[path] ?? [], typed).map((value) => value + quote);
    return shown(before.length - typed.length, fit, typed);
  }
  if (isInText(before)) return undefined;
  const [typed] = PATH.exec(before) ?? [];
  return typed === undefined
    ? undefined
    : shown(before.length - typed.length, matching(known.paths, typed), typed);
}

/** The text with the option in the place of what it stands for, and where the caret is then. */
export function accepted(text: string, caret: number, from: number, option: string): [string, number] {
  const after = text.slice(caret).replace(/^[\w.-]*/, "");
  const isClosed = /["']$/.test(option) && after.startsWith(option.slice(-1));
  return [text.slice(0, from) + option + (isClosed ? after.slice(1) : after), from + option.length];
}

/** What begins so comes first; what has it further on is found, too. */
function matching(options: readonly string[], typed: string): string[] {
  const wanted = typed.toLowerCase();
  const at = (option: string) => option.toLowerCase().indexOf(wanted);
  return options.filter((option) => at(option) >= 0).toSorted((a, b) => Math.sign(at(a)) - Math.sign(at(b)));
}

function shown(from: number, options: readonly string[], typed: string): Completion | undefined {
  const fit = options.filter((option) => option !== typed).slice(0, OPTIONS_MAX);
  return fit.length > 0 ? { from, options: fit } : undefined;
}

function isInText(before: string): boolean {
  let quote: string | undefined;
  for (let i = 0; i < before.length; i += 1) {
    const letter = before[i];
    if (quote !== undefined && letter === "\\") i += 1;
    else if (letter === quote) quote = undefined;
    else if (quote === undefined && (letter === '"' || letter === "'")) quote = letter;
  }
  return quote !== undefined;
}

/** Deeper paths than these are too long to be picked from a list. */
const DEPTH_MAX = 3;
const NAME = /^[A-Za-z_]\w*$/;

/** The paths of an object's members, without those whose names are no names of the language. */
export function pathsOf(value: unknown, path: string, depth = 1): string[] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [];
  return Object.entries(value).flatMap(([name, member]) => {
    if (!NAME.test(name)) return [];
    const here = `${path}.${name}`;
    return [here, ...(depth < DEPTH_MAX ? pathsOf(member, here, depth + 1) : [])];
  });
}
