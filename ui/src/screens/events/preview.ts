/** A payload on one line, as much of it as may be seen. */

const CHARACTERS = 240;
/** Of a list or an object so many members are looked at. */
const MEMBERS = 20;

export function previewOf(value: unknown): string {
  const text = written(value ?? {}, 0);
  return text.length > CHARACTERS ? `${text.slice(0, CHARACTERS)}…` : text;
}

/** Not all of a large value is written to show its beginning. */
function written(value: unknown, depth: number): string {
  if (typeof value === "string") {
    return JSON.stringify(value.length > CHARACTERS ? `${value.slice(0, CHARACTERS)}…` : value);
  }
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (depth > 2) return Array.isArray(value) ? "[…]" : "{…}";
  if (Array.isArray(value)) {
    const items = value.slice(0, MEMBERS).map((item) => written(item, depth + 1));
    return `[${items.join(", ")}${value.length > MEMBERS ? ", …" : ""}]`;
  }
  const entries = Object.entries(value);
  const members = entries.slice(0, MEMBERS).map(([name, member]) => `${name}: ${written(member, depth + 1)}`);
  if (entries.length > MEMBERS) members.push("…");
  return members.length === 0 ? "{}" : `{ ${members.join(", ")} }`;
}
