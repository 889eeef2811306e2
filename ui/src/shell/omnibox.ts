/**
 * What a text in the palette means: an id, or a search of runs in shorthand (`failed fn:shop-import since:2h tenant:acme`)
 * or as an expression (`event.data.amount > 10`).
 */
import { parseSpan } from "../time/range";
import type { RunsSearch } from "../url/searches";

export type Meaning =
  { kind: "id"; id: string } | { kind: "runs"; search: RunsSearch; words: string } | { kind: "words" };

const ID = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/i;
const EXPRESSION = /==|!=|<|>|&&|\|\||\(|^!/;
const STATUSES = ["queued", "running", "completed", "failed", "cancelled", "skipped"];
/** Shorthand names, and the filters that they are. */
const FILTERS: Record<string, string> = {
  fn: "functionId",
  function: "functionId",
  app: "appId",
  event: "eventName",
  key: "key",
};

export function meaningOf(text: string): Meaning {
  const typed = text.trim();
  if (ID.test(typed)) return { kind: "id", id: typed.toUpperCase() };
  if (EXPRESSION.test(typed)) return { kind: "runs", search: { search: typed }, words: `where ${typed}` };
  const search: Record<string, string[]> = {};
  const add = (name: string, value: string) => {
    search[name] = [...(search[name] ?? []), value];
  };
  const conditions: string[] = [];
  const words: string[] = [];
  for (const token of typed.split(/\s+/)) {
    if (!read(token, add, conditions, words)) return { kind: "words" };
  }
  if (conditions.length > 0) add("search", conditions.join(" && "));
  return { kind: "runs", search: flat(search), words: words.join(", ") };
}

function read(
  token: string,
  add: (name: string, value: string) => void,
  conditions: string[],
  words: string[],
): boolean {
  if (STATUSES.includes(token.toLowerCase())) {
    add("status", token.toUpperCase());
    words.push(token.toLowerCase());
    return true;
  }
  const [name, value] = split(token);
  if (name === undefined || value === undefined) return false;
  const filter = FILTERS[name];
  if (name === "since") {
    if (parseSpan(value) === undefined) return false;
    add("since", value);
    words.push(`of the last ${value}`);
  } else if (filter !== undefined) {
    const app = filter === "functionId" ? /^(.+)\/\*$/.exec(value)?.[1] : undefined;
    if (app === undefined) add(filter, value);
    else add("appId", app);
    words.push(app === undefined ? `${name} ${value}` : `app ${app}`);
  } else if (/^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$/.test(name)) {
    conditions.push(`event.data.${name} == ${literal(value)}`);
    words.push(`${name} = ${value}`);
  } else return false;
  return true;
}

function split(token: string): [string | undefined, string | undefined] {
  const at = token.indexOf(":");
  return at > 0 && at < token.length - 1 ? [token.slice(0, at), token.slice(at + 1)] : [undefined, undefined];
}

function literal(value: string): string {
  return /^(-?\d+(\.\d+)?|true|false)$/.test(value) ? value : JSON.stringify(value);
}

function flat(search: Record<string, string[]>): RunsSearch {
  // Their names are those of filters.
  return Object.fromEntries(
    Object.entries(search).map(([name, values]) => [name, values.length === 1 ? (values[0] ?? "") : values]),
  ) as RunsSearch;
}
