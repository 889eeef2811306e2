/** A JSON value as the lines of a tree: what is shown of it, in order, and where each is. */

export type Kind = "object" | "array" | "string" | "number" | "boolean" | "null" | "text";
export type Key = string | number;

export interface Line {
  /** Its keys, each after a `/`; parts of a long text have a number after `#`. */
  id: string;
  /** Index of the line that it is in; -1 at the root. */
  parent: number;
  depth: number;
  key: Key | undefined;
  kind: Kind;
  value: unknown;
  /** Members, items, or characters. */
  count: number;
  isExpandable: boolean;
  isOpen: boolean;
  position: number;
  siblings: number;
}

/** Containers with more are closed at first. */
const OPEN_COUNT_MAX = 100;
const OPEN_DEPTH = 3;
/** Longer strings are clipped, and can be opened. */
export const CLIP = 120;

/** Lines of a value; those that were `toggled` are not as they are at first. */
export function linesOf(root: unknown, toggled: ReadonlySet<string>): Line[] {
  const lines: Line[] = [];
  const add = (
    value: unknown,
    key: Key | undefined,
    id: string,
    depth: number,
    parent: number,
    place: Place,
  ) => {
    const kind = kindOf(value);
    const count = countOf(value, kind);
    const isExpandable = kind === "string" ? isLong(value as string) : count > 0 && isContainer(kind);
    const isOpenFirst = kind !== "string" && depth < OPEN_DEPTH && count <= OPEN_COUNT_MAX;
    const isOpen = isExpandable && isOpenFirst !== toggled.has(id);
    const index = lines.length;
    lines.push({ id, parent, depth, key, kind, value, count, isExpandable, isOpen, ...place });
    if (!isOpen) return;
    if (kind === "string") {
      const parts = partsOf(value as string);
      parts.forEach((part, i) => {
        const text: Line = {
          id: `${id}#${i}`,
          parent: index,
          depth: depth + 1,
          key: undefined,
          kind: "text",
          value: part,
          count: part.length,
          isExpandable: false,
          isOpen: false,
          position: i + 1,
          siblings: parts.length,
        };
        lines.push(text);
      });
      return;
    }
    entriesOf(value).forEach(([name, member], i) => {
      add(member, name, `${id}/${escape(name)}`, depth + 1, index, { position: i + 1, siblings: count });
    });
  };
  add(root, undefined, "", 0, -1, { position: 1, siblings: 1 });
  return lines;
}

type Place = Pick<Line, "position" | "siblings">;

export function kindOf(value: unknown): Exclude<Kind, "text"> {
  if (value === null || value === undefined) return "null";
  if (Array.isArray(value)) return "array";
  const type = typeof value;
  return type === "object" || type === "string" || type === "number" || type === "boolean" ? type : "null";
}

export function isContainer(kind: Kind): boolean {
  return kind === "object" || kind === "array";
}

function isLong(text: string): boolean {
  return text.length > CLIP || text.includes("\n");
}

function countOf(value: unknown, kind: Kind): number {
  if (kind === "array") return (value as unknown[]).length;
  if (kind === "object") return Object.keys(value as object).length;
  return kind === "string" ? (value as string).length : 0;
}

export function entriesOf(value: unknown): [Key, unknown][] {
  if (Array.isArray(value)) return value.map((item, i) => [i, item as unknown]);
  return typeof value === "object" && value !== null ? Object.entries(value) : [];
}

/** A long text by its lines, and these in pieces. */
function partsOf(text: string): string[] {
  return text.split("\n").flatMap((line) => line.match(new RegExp(`.{1,${CLIP}}`, "gsu")) ?? [""]);
}

/** A key as a part of an id: as in a JSON pointer, and `#` is the mark of parts of a text. */
export function escape(key: Key): string {
  return String(key).replaceAll("~", "~0").replaceAll("/", "~1").replaceAll("#", "~2");
}

function unescape(part: string): string {
  return part.replaceAll("~2", "#").replaceAll("~1", "/").replaceAll("~0", "~");
}

/** The keys that lead to a line of this value. */
export function keysTo(root: unknown, id: string): Key[] {
  const keys: Key[] = [];
  let value = root;
  for (const part of pointer(id).split("/").slice(1)) {
    const key = Array.isArray(value) ? Number(part) : unescape(part);
    keys.push(key);
    value = (value as Record<Key, unknown> | null | undefined)?.[key];
  }
  return keys;
}

/** Without the part of a text: `#` and a number at the end of a string that was opened. */
function pointer(id: string): string {
  return id.replace(/#\d+$/, "");
}

/** As code writes it: `data.items[0]["odd key"]`. */
export function pathText(keys: readonly Key[]): string {
  return keys
    .map((key, i) => {
      if (typeof key === "number") return `[${key}]`;
      if (!/^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(key)) return `[${JSON.stringify(key)}]`;
      return i === 0 ? key : `.${key}`;
    })
    .join("");
}

export function valueAt(root: unknown, keys: readonly Key[]): unknown {
  return keys.reduce<unknown>((value, key) => (value as Record<Key, unknown> | undefined)?.[key], root);
}

/** All lines that must be open for a line to be shown, opened. */
export function openedTo(root: unknown, toggled: ReadonlySet<string>, id: string): Set<string> {
  const opened = new Set(toggled);
  let around = "";
  for (const part of pointer(id).split("/").slice(1)) {
    const line = lineState(root, around);
    if (line.isOpenFirst === opened.has(around)) {
      if (!opened.delete(around)) opened.add(around);
    }
    around += `/${part}`;
  }
  return opened;
}

function lineState(root: unknown, id: string): { isOpenFirst: boolean } {
  const keys = keysTo(root, id);
  const value = valueAt(root, keys);
  return { isOpenFirst: keys.length < OPEN_DEPTH && countOf(value, kindOf(value)) <= OPEN_COUNT_MAX };
}
