/** The palette: jump to a run or event by its id, search runs, go to a screen or function, or change how it looks. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Command } from "cmdk";
import {
  Bookmark,
  Clock,
  Hash,
  Keyboard,
  Palette as PaletteIcon,
  Radio,
  Search,
  SquareFunction,
  type LucideIcon,
} from "lucide-react";
import { Dialog } from "radix-ui";
import { useState, type ReactNode } from "react";
import { toast } from "sonner";
import { ApiError } from "../api/client";
import { queries } from "../api/queries";
import { Keys } from "../kit/hint";
import { live } from "../live/socket";
import { useZone } from "../time/zone";
import { useGo } from "../url/navigation";
import { paths, type Address } from "../url/paths";
import { useViews } from "../views/saved";
import { meaningOf } from "./omnibox";
import { showOverlay, useOverlay } from "./overlays";
import { PLACES } from "./places";
import { useTheme } from "./theme";

/** Functions that are listed. */
const FUNCTIONS_SHOWN = 8;

export function Palette() {
  const isOpen = useOverlay() === "palette";
  return (
    <Dialog.Root open={isOpen} onOpenChange={(open) => showOverlay(open ? "palette" : undefined)}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-40 bg-black/40" />
        <Dialog.Content
          aria-describedby={undefined}
          className="fixed top-[10vh] left-1/2 z-40 w-[calc(100vw-1.5rem)] max-w-2xl -translate-x-1/2 overflow-hidden rounded-xl border border-line bg-raised shadow-panel"
        >
          <Dialog.Title className="sr-only">Search and commands</Dialog.Title>
          <Content />
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function Content() {
  const [text, setText] = useState("");
  const go = useGo();
  const open = useOpenById();
  const functions = useQuery(queries.functions());
  const [, setTheme] = useTheme();
  const [zone, setZone] = useZone();
  const meaning = meaningOf(text);
  const fits = (title: string) =>
    text
      .trim()
      .toLowerCase()
      .split(/\s+/)
      .every((word) => title.toLowerCase().includes(word));
  const leave = (to: Address) => {
    showOverlay(undefined);
    void go(to);
  };
  const act = (action: () => void) => () => {
    showOverlay(undefined);
    action();
  };
  const commands = [
    { title: "Light theme", icon: PaletteIcon, run: () => setTheme("light") },
    { title: "Dark theme", icon: PaletteIcon, run: () => setTheme("dark") },
    { title: "Theme of the system", icon: PaletteIcon, run: () => setTheme("system") },
    zone === "utc"
      ? { title: "Show local time", icon: Clock, run: () => setZone("local") }
      : { title: "Show times in UTC", icon: Clock, run: () => setZone("utc") },
    {
      title: live.state === "paused" ? "Go on with live updates" : "Hold live updates",
      icon: Radio,
      run: () => live.pause(live.state !== "paused"),
      keys: "l",
    },
  ].filter(({ title }) => fits(title));
  const places = PLACES.filter((place) => fits(`Go to ${place.title}`));
  const views = useViews().filter(({ name }) => fits(name));
  const named = (functions.data ?? [])
    .filter((it) => fits(`${it.name} ${it.slug} ${it.app.id}`))
    .slice(0, FUNCTIONS_SHOWN);
  const isTyped = text.trim() !== "";
  return (
    <Command shouldFilter={false} loop label="Search and commands">
      <div className="flex items-center gap-2.5 border-b border-line px-4">
        <Search aria-hidden className="size-4 shrink-0 text-ink-faint" />
        <Command.Input
          value={text}
          onValueChange={setText}
          placeholder="An id, failed since:2h tenant:acme, or event.data.amount > 10"
          className="h-11 flex-1 bg-transparent text-sm outline-none"
        />
      </div>
      <Command.List className="max-h-[60vh] overflow-y-auto p-1.5">
        <Command.Empty className="px-3 py-6 text-center text-ink-soft">
          Nothing is called so. A search of runs is written as <code className="font-mono">name:value</code>.
        </Command.Empty>
        {meaning.kind === "id" && (
          <Group title="Open">
            <Item icon={Hash} onSelect={act(() => void open(meaning.id))}>
              Run or event <span className="font-mono">{meaning.id}</span>
            </Item>
          </Group>
        )}
        {isTyped && meaning.kind === "runs" && (
          <Group title="Search">
            <Item icon={Search} onSelect={() => leave(paths.runs(meaning.search))}>
              <span className="flex min-w-0 flex-col py-1">
                <span className="truncate">Runs: {meaning.words}</span>
                {typeof meaning.search["search"] === "string" && (
                  <code className="truncate font-mono text-xs text-ink-soft">{meaning.search["search"]}</code>
                )}
              </span>
            </Item>
          </Group>
        )}
        {places.length > 0 && (
          <Group title="Go to">
            {places.map((place) => (
              <Item
                key={place.title}
                icon={place.icon}
                keys={`g ${place.key}`}
                onSelect={() => leave(place.to)}
              >
                {place.title}
              </Item>
            ))}
          </Group>
        )}
        {isTyped && views.length > 0 && (
          <Group title="Views">
            {views.map(({ name, to }) => (
              <Item key={name} icon={Bookmark} onSelect={() => leave(to)}>
                {name}
              </Item>
            ))}
          </Group>
        )}
        {isTyped && named.length > 0 && (
          <Group title="Functions">
            {named.map((it) => (
              <Item
                key={it.slug}
                icon={SquareFunction}
                onSelect={() => leave(paths.function(it.app.id, it.id))}
              >
                {it.name} <span className="text-ink-faint">{it.app.id}</span>
              </Item>
            ))}
          </Group>
        )}
        {commands.length > 0 && (
          <Group title="Display">
            {commands.map(({ title, icon, run, ...rest }) => (
              <Item key={title} icon={icon} onSelect={act(run)} {...rest}>
                {title}
              </Item>
            ))}
            {fits("Keyboard shortcuts") && (
              <Item icon={Keyboard} keys="?" onSelect={() => showOverlay("help")}>
                Keyboard shortcuts
              </Item>
            )}
          </Group>
        )}
      </Command.List>
    </Command>
  );
}

function Group({ title, children }: { title: string; children: ReactNode }) {
  return (
    <Command.Group
      heading={title}
      className="[&_[cmdk-group-heading]]:px-2.5 [&_[cmdk-group-heading]]:pt-2 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:text-[11px] [&_[cmdk-group-heading]]:text-ink-faint"
    >
      {children}
    </Command.Group>
  );
}

interface ItemProps {
  icon: LucideIcon;
  keys?: string;
  onSelect: () => void;
  children: ReactNode;
}

function Item({ icon: Icon, keys, onSelect, children }: ItemProps) {
  return (
    <Command.Item
      onSelect={onSelect}
      className="flex min-h-8 cursor-default items-center gap-2.5 rounded-md px-2.5 data-[selected=true]:bg-accent-soft"
    >
      <Icon aria-hidden className="size-4 shrink-0 text-ink-soft" />
      <span className="flex min-w-0 flex-1 items-center gap-2">{children}</span>
      {keys !== undefined && <Keys keys={keys} className="text-ink-faint" />}
    </Command.Item>
  );
}

/** An id may be that of a run or of an event: the server knows. */
function useOpenById() {
  const client = useQueryClient();
  const go = useGo();
  return async (id: string) => {
    try {
      await client.fetchQuery(queries.run(id));
      await go(paths.run(id));
    } catch (error) {
      if (!(error instanceof ApiError) || !error.isNotFound) {
        toast.error(error instanceof Error ? error.message : String(error));
        return;
      }
      const isEvent = await client.fetchQuery(queries.event(id)).then(
        () => true,
        () => false,
      );
      if (isEvent) await go(paths.event(id));
      else toast.error(`There is no run and no event with the id ${id}`);
    }
  };
}
