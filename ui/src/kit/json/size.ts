/** About how large a value is as JSON, without making its text; counting ends at a limit. */
export function sizeOf(value: unknown, limit = Number.POSITIVE_INFINITY): number {
  let size = 0;
  const visit = (it: unknown): void => {
    if (size >= limit) return;
    if (typeof it === "string") size += it.length + 2;
    else if (Array.isArray(it)) {
      size += it.length + 2;
      it.forEach(visit);
    } else if (typeof it === "object" && it !== null) {
      for (const [key, member] of Object.entries(it)) {
        size += key.length + 4;
        visit(member);
      }
      size += 2;
    } else size += String(it).length;
  };
  visit(value);
  return size;
}
