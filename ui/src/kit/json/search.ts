/** Finding a text in a value: in the names of members and in values, without regard to case. */
import { entriesOf, escape, isContainer, kindOf } from "./lines";

/** More are not counted. */
export const MATCHES_MAX = 1000;

/** Ids of the lines that it is in, in order. */
export function search(root: unknown, text: string): string[] {
  const wanted = text.toLowerCase();
  const found: string[] = [];
  if (wanted === "") return found;
  const visit = (value: unknown, key: string | undefined, id: string): void => {
    if (found.length >= MATCHES_MAX) return;
    const isInKey = key !== undefined && key.toLowerCase().includes(wanted);
    const isScalar = !isContainer(kindOf(value));
    if (isInKey || (isScalar && String(value).toLowerCase().includes(wanted))) found.push(id);
    for (const [name, member] of entriesOf(value)) {
      visit(member, typeof name === "number" ? undefined : name, `${id}/${escape(name)}`);
    }
  };
  visit(root, undefined, "");
  return found;
}
