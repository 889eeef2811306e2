/** The lines of a JSON value as a tree: moved in by arrow keys, with the path of the line that one is on below. */
import { useVirtualizer } from "@tanstack/react-virtual";
import clsx from "clsx";
import { ChevronRight, Copy } from "lucide-react";
import { useEffect, useEffectEvent, useId, useRef, type KeyboardEvent } from "react";
import { count } from "../../time/format";
import { Button } from "../button";
import { copy } from "../copy";
import { CLIP, isContainer, keysTo, pathText, valueAt, type Line } from "./lines";

const LINE = 21;

interface Props {
  root: unknown;
  what: string;
  lines: readonly Line[];
  active: string;
  matched: ReadonlySet<string>;
  onActive: (id: string) => void;
  onToggle: (id: string) => void;
}

export function Tree({ root, what, lines, active, matched, onActive, onToggle }: Props) {
  const area = useRef<HTMLDivElement>(null);
  const index = Math.max(
    0,
    lines.findIndex((line) => line.id === active),
  );
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => area.current,
    estimateSize: () => LINE,
    overscan: 10,
    paddingStart: 4,
    paddingEnd: 4,
  });
  const show = useEffectEvent(() => virtual.scrollToIndex(index));
  useEffect(() => show(), [index]);

  const press = (event: KeyboardEvent) => {
    const line = lines[index];
    if (!line || event.ctrlKey || event.metaKey || event.altKey) return;
    const to = destination(event.key, index, lines);
    if (to !== undefined) onActive(lines[to]?.id ?? active);
    else if (isToggle(event.key, line)) onToggle(line.id);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const id = useId();
  const idOf = (i: number) => `${id}-${i}`;
  const items = virtual.getVirtualItems();
  const isInPage = items.some((item) => item.index === index);

  return (
    <>
      <div
        ref={area}
        role="tree"
        aria-label={what}
        tabIndex={0}
        {...(isInPage ? { "aria-activedescendant": idOf(index) } : {})}
        onKeyDown={press}
        className="group min-h-0 flex-1 overflow-auto font-mono text-xs -outline-offset-2"
      >
        <div role="presentation" className="relative" style={{ height: virtual.getTotalSize() }}>
          {items.map((item) => {
            const line = lines[item.index];
            if (!line) return null;
            return (
              <div
                key={line.id}
                id={idOf(item.index)}
                role="treeitem"
                aria-level={line.depth + 1}
                aria-posinset={line.position}
                aria-setsize={line.siblings}
                aria-selected={item.index === index}
                {...(line.isExpandable ? { "aria-expanded": line.isOpen } : {})}
                onClick={() => {
                  onActive(line.id);
                  if (line.isExpandable) onToggle(line.id);
                }}
                className={clsx(
                  "absolute inset-x-0 flex cursor-default items-center pr-2 whitespace-pre",
                  matched.has(line.id) && "bg-wait-soft",
                  item.index === index ? "group-focus-visible:bg-accent-soft" : "hover:bg-sunken",
                )}
                style={{
                  transform: `translateY(${item.start}px)`,
                  height: LINE,
                  paddingLeft: 6 + line.depth * 14,
                }}
              >
                <ChevronRight
                  aria-hidden
                  className={clsx(
                    "mr-0.5 size-3.5 shrink-0 text-ink-faint",
                    line.isOpen && "rotate-90",
                    !line.isExpandable && "invisible",
                  )}
                />
                {line.key !== undefined && (
                  <span className={typeof line.key === "number" ? "text-ink-faint" : "text-ink-soft"}>
                    {line.key}:{" "}
                  </span>
                )}
                <Value line={line} />
              </div>
            );
          })}
        </div>
      </div>
      <PathBar root={root} what={what} id={lines[index]?.id ?? ""} />
    </>
  );
}

function Value({ line }: { line: Line }) {
  if (line.kind === "text") return <span className="text-ok">{line.value as string}</span>;
  if (isContainer(line.kind)) {
    const [open, close] = line.kind === "array" ? ["[", "]"] : ["{", "}"];
    if (line.count === 0) return <span className="text-ink-faint">{open + close}</span>;
    const words = line.kind === "array" ? "items" : "members";
    return (
      <span className="text-ink-faint">
        {open} {count(line.count)} {line.count === 1 ? words.slice(0, -1) : words} {close}
      </span>
    );
  }
  if (line.kind === "string") {
    const text = line.value as string;
    if (line.isOpen) return <span className="text-ink-faint">{count(line.count)} characters</span>;
    const clipped = line.isExpandable
      ? `${JSON.stringify(text.slice(0, CLIP)).slice(0, -1)}…`
      : JSON.stringify(text);
    return (
      <>
        <span className="min-w-0 truncate text-ok">{clipped}</span>
        {line.isExpandable && <span className="ml-2 text-ink-faint">{count(line.count)} characters</span>}
      </>
    );
  }
  return (
    <span className={line.kind === "null" ? "text-ink-faint" : "text-run"}>{String(line.value ?? null)}</span>
  );
}

/** Where one is, to copy. */
function PathBar({ root, what, id }: { root: unknown; what: string; id: string }) {
  const keys = keysTo(root, id);
  const path = pathText(keys);
  const value = valueAt(root, keys);
  const copyValue = () => void copy(typeof value === "string" ? value : JSON.stringify(value, null, 2), path);
  return (
    <div className="flex h-8 shrink-0 items-center gap-1 border-t border-line pr-1 pl-3">
      <code className="min-w-0 flex-1 truncate text-xs text-ink-soft" title={path}>
        {path === "" ? `the whole ${what}` : path}
      </code>
      {path !== "" && (
        <>
          <Button
            look="ghost"
            className="h-6 px-1.5 text-xs"
            icon={<Copy aria-hidden className="size-3" />}
            onClick={() => void copy(path, "path")}
          >
            Path
          </Button>
          <Button
            look="ghost"
            className="h-6 px-1.5 text-xs"
            icon={<Copy aria-hidden className="size-3" />}
            onClick={copyValue}
          >
            Value
          </Button>
        </>
      )}
    </div>
  );
}

function isToggle(key: string, line: Line): boolean {
  if (!line.isExpandable) return false;
  return (
    key === "Enter" ||
    key === " " ||
    (key === "ArrowRight" && !line.isOpen) ||
    (key === "ArrowLeft" && line.isOpen)
  );
}

/** Where a key goes in a tree; nothing if it does not move. */
function destination(key: string, from: number, lines: readonly Line[]): number | undefined {
  const line = lines[from];
  switch (key) {
    case "ArrowDown":
      return Math.min(from + 1, lines.length - 1);
    case "ArrowUp":
      return Math.max(from - 1, 0);
    case "Home":
      return 0;
    case "End":
      return lines.length - 1;
    case "ArrowRight":
      return line?.isOpen ? from + 1 : undefined;
    case "ArrowLeft":
      return line && !line.isOpen && line.parent >= 0 ? line.parent : undefined;
    default:
      return undefined;
  }
}
