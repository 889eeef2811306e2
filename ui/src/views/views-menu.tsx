/** Lists of runs by name: those that are there, those that one saved, and saving the one that is shown. */
import { Bookmark, BookmarkPlus, ChevronDown, Link2, Trash2 } from "lucide-react";
import { useState } from "react";
import { Button } from "../kit/button";
import { copy } from "../kit/copy";
import { Dialog } from "../kit/dialog";
import { Field, Input } from "../kit/fields";
import { Menu, MenuItem, MenuLine, MenuTitle } from "../kit/menu";
import { count } from "../time/format";
import { useGo, useUrlSearch } from "../url/navigation";
import { href, paths } from "../url/paths";
import { one } from "../url/search";
import type { RunsSearch } from "../url/searches";
import { BUILT_IN } from "./built-in";
import { useCounts } from "./counts";
import { NAME_MAX, searchOf, urlOf, useSavedViews, VIEWS_MAX } from "./saved";

const icon = "size-3.5 text-ink-soft";

export function ViewsMenu() {
  const { search } = useUrlSearch<RunsSearch>();
  const [isNaming, setNaming] = useState(false);
  const name = one(search["view"]);
  return (
    <>
      <Menu
        trigger={
          <Button icon={<Bookmark aria-hidden className="size-3.5" />}>
            <span className="max-w-40 truncate">{name ?? "Views"}</span>
            <ChevronDown aria-hidden className="size-3.5" />
          </Button>
        }
      >
        <Views onSave={() => setNaming(true)} />
      </Menu>
      {isNaming && <SaveDialog onClose={() => setNaming(false)} />}
    </>
  );
}

function Views({ onSave }: { onSave: () => void }) {
  const { search } = useUrlSearch<RunsSearch>();
  const { views, remove } = useSavedViews();
  const counts = useCounts();
  const go = useGo();
  const shown = views.find(({ name }) => name === one(search["view"]));
  return (
    <>
      {BUILT_IN.map(({ name, to, count: counted }) => (
        <MenuItem key={name} note={noteOf(counted && counts[counted])} onSelect={() => void go(to)}>
          {name}
        </MenuItem>
      ))}
      {views.length > 0 && <MenuLine />}
      {views.length > 0 && <MenuTitle>Saved in this browser</MenuTitle>}
      {views.map((view) => (
        <MenuItem
          key={view.name}
          icon={<Bookmark aria-hidden className={icon} />}
          onSelect={() => void go(paths.runs(urlOf(view)))}
        >
          <span className="block max-w-60 truncate">{view.name}</span>
        </MenuItem>
      ))}
      <MenuLine />
      <MenuItem icon={<BookmarkPlus aria-hidden className={icon} />} onSelect={onSave}>
        Save what is shown…
      </MenuItem>
      {shown && (
        <>
          <MenuItem
            icon={<Link2 aria-hidden className={icon} />}
            onSelect={() => void copy(href(paths.runs(urlOf(shown)), { isAbsolute: true }), "the link")}
          >
            Copy the link of this view
          </MenuItem>
          <MenuItem
            icon={<Trash2 aria-hidden className="size-3.5" />}
            isDanger
            onSelect={() => {
              remove(shown.name);
              void go(paths.runs({ ...urlOf(shown), view: undefined }));
            }}
          >
            Remove this view
          </MenuItem>
        </>
      )}
    </>
  );
}

function noteOf(value: number | undefined): string | undefined {
  return value === undefined || value === 0 ? undefined : count(value);
}

/** A link that names a view gives the name that it is saved under. */
function SaveDialog({ onClose }: { onClose: () => void }) {
  const { search, merge } = useUrlSearch<RunsSearch>();
  const { views, isFull, save } = useSavedViews();
  const [name, setName] = useState(one(search["view"]) ?? "");
  const wanted = name.trim();
  const isThere = views.some((view) => view.name === wanted);
  const error = isFull && !isThere ? `There are ${VIEWS_MAX} already: remove one first.` : undefined;
  return (
    <Dialog title="Save this view" isOpen onClose={onClose}>
      <form
        className="flex flex-col gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          if (wanted === "" || error !== undefined) return;
          save({ name: wanted, search: searchOf(search) });
          merge({ view: wanted });
          onClose();
        }}
      >
        <Field
          label="Name"
          note={
            isThere
              ? "The view of this name is replaced."
              : "It is kept in this browser; its link works anywhere."
          }
          error={error}
        >
          {(id) => (
            <Input
              id={id}
              value={name}
              maxLength={NAME_MAX}
              autoFocus
              autoComplete="off"
              onChange={({ target }) => setName(target.value)}
            />
          )}
        </Field>
        <Button
          type="submit"
          look="primary"
          className="self-end"
          disabled={wanted === "" || error !== undefined}
        >
          Save
        </Button>
      </form>
    </Dialog>
  );
}
