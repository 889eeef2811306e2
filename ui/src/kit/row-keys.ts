/** Going through the rows of a table by keys: each row has one link that opens it, marked with `data-row`. */
import { useRef, type RefObject } from "react";
import { useKeys } from "../keys/hooks";

export function useRowKeys<T extends HTMLElement>(title: string): RefObject<T | null> {
  const area = useRef<T>(null);
  const go = (by: 1 | -1) => {
    const links = [...(area.current?.querySelectorAll<HTMLElement>("[data-row]") ?? [])];
    const at = links.findIndex((link) => link === document.activeElement);
    const next = links[at === -1 ? 0 : at + by];
    if (!next) return false;
    next.focus({ preventScroll: true });
    next.scrollIntoView({ block: "nearest" });
    return undefined;
  };
  useKeys(title, [
    { keys: "j", does: "Next row", run: () => go(1) },
    { keys: "k", does: "Previous row", run: () => go(-1) },
  ]);
  return area;
}
