/**
 * A JSON value to read: as a tree or as its text, with a search, and with the path and value of a line to copy. Only the
 * lines in view are in the page, whatever the size.
 */
import { ChevronDown, ChevronUp, Copy, Search } from "lucide-react";
import { useMemo, useState } from "react";
import { bytes } from "../../time/format";
import { Button } from "../button";
import { copy } from "../copy";
import { linesOf, openedTo } from "./lines";
import { MATCHES_MAX } from "./search";
import { sizeOf } from "./size";
import { TextLines } from "./text-lines";
import { Tree } from "./tree";
import { useWork } from "./use-work";
import type { Task } from "./work";

interface Props {
  value: unknown;
  /** What it is, for its name and for what is said of a copy: `output`. */
  what: string;
}

export function JsonView({ value, what }: Props) {
  const [isRaw, setRaw] = useState(false);
  const [toggled, setToggled] = useState<ReadonlySet<string>>(new Set());
  const [active, setActive] = useState("");
  const [text, setText] = useState("");
  const [match, setMatch] = useState(0);
  const lines = useMemo(() => linesOf(value, toggled), [value, toggled]);
  const matches = useFound(value, text);
  const matched = useMemo(() => new Set(matches), [matches]);
  const size = useMemo(() => sizeOf(value), [value]);

  const goTo = (index: number, found = matches) => {
    const id = found?.[index];
    setMatch(index);
    if (id === undefined) return;
    setToggled((before) => openedTo(value, before, id));
    setActive(id);
  };
  const step = (by: number) =>
    matches && matches.length > 0 && goTo((match + by + matches.length) % matches.length);
  const copyAll = () => void copy(value === undefined ? "" : JSON.stringify(value, null, 2), what);

  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div className="flex h-9 shrink-0 items-center gap-1 border-b border-line px-2">
        <label className="relative flex min-w-0 flex-1 items-center">
          <Search aria-hidden className="pointer-events-none absolute left-1.5 size-3.5 text-ink-faint" />
          <input
            type="search"
            aria-label={`Search the ${what}`}
            placeholder="Search"
            value={text}
            disabled={isRaw}
            onChange={(event) => {
              setText(event.target.value);
              setMatch(-1);
            }}
            onKeyDown={(event) => event.key === "Enter" && step(event.shiftKey ? -1 : 1)}
            className="h-6 w-full min-w-0 rounded-md bg-transparent pr-1 pl-6 disabled:opacity-50"
          />
        </label>
        {text !== "" && !isRaw && (
          <>
            <span role="status" className="text-xs whitespace-nowrap text-ink-soft">
              {found(matches, match)}
            </span>
            <Button
              look="ghost"
              aria-label="Previous match"
              icon={<ChevronUp aria-hidden className="size-3.5" />}
              onClick={() => step(-1)}
            />
            <Button
              look="ghost"
              aria-label="Next match"
              icon={<ChevronDown aria-hidden className="size-3.5" />}
              onClick={() => step(1)}
            />
          </>
        )}
        <span className="hidden px-1 text-xs whitespace-nowrap text-ink-faint sm:inline">{bytes(size)}</span>
        <Button
          look="ghost"
          aria-pressed={isRaw}
          className="h-6 px-2 aria-pressed:bg-sunken aria-pressed:text-ink"
          onClick={() => setRaw(!isRaw)}
        >
          Raw
        </Button>
        <Button
          look="ghost"
          className="h-6"
          aria-label={`Copy the ${what}`}
          hint={`Copy the ${what}`}
          icon={<Copy aria-hidden className="size-3.5" />}
          onClick={copyAll}
        />
      </div>
      {isRaw ? (
        <RawText value={value} what={what} />
      ) : (
        <Tree
          root={value}
          what={what}
          lines={lines}
          active={active}
          matched={matched}
          onActive={setActive}
          onToggle={(id) => setToggled((before) => flipped(before, id))}
        />
      )}
    </div>
  );
}

function RawText({ value, what }: Props) {
  const task = useMemo<Task>(() => ({ kind: "text", value }), [value]);
  const text = useWork<string>(task);
  if (text === undefined) return <p className="p-3 text-ink-soft">Writing the text…</p>;
  return <TextLines text={text} what={what} />;
}

function useFound(value: unknown, text: string): string[] | undefined {
  const task = useMemo<Task | undefined>(
    () => (text === "" ? undefined : { kind: "search", value, text }),
    [value, text],
  );
  return useWork<string[]>(task);
}

function found(matches: string[] | undefined, current: number): string {
  if (!matches) return "…";
  if (matches.length === 0) return "none";
  const all = matches.length === MATCHES_MAX ? `${MATCHES_MAX}+` : String(matches.length);
  return current < 0 ? `${all} found` : `${current + 1} of ${all}`;
}

function flipped(ids: ReadonlySet<string>, id: string): Set<string> {
  const next = new Set(ids);
  if (!next.delete(id)) next.add(id);
  return next;
}
