/** The navigation: a column at the left, or a drawer on narrow screens. */
import { useRouterState } from "@tanstack/react-router";
import clsx from "clsx";
import { Menu, PanelLeft, X } from "lucide-react";
import { Dialog } from "radix-ui";
import { useState } from "react";
import { boot } from "../boot";
import { useKeys } from "../keys/hooks";
import { Button } from "../kit/button";
import { Hint } from "../kit/hint";
import { useSetting } from "../settings";
import { Link } from "../url/link";
import { placeOf, SECTIONS, type Place } from "./places";

export function Nav() {
  const [setting, set] = useSetting("nav");
  const isSmall = setting === "small";
  const toggle = () => set(isSmall ? "wide" : "small");
  useKeys("Anywhere", [{ keys: "[", does: "Narrow or widen the navigation", run: toggle }]);
  return (
    <div
      className={clsx(
        "hidden shrink-0 flex-col border-r border-line bg-canvas md:flex",
        isSmall ? "w-13" : "w-50",
      )}
    >
      <Brand isSmall={isSmall} />
      <Places isSmall={isSmall} />
      <div
        className={clsx(
          "flex items-center border-t border-line p-2",
          isSmall ? "justify-center" : "justify-between pl-4",
        )}
      >
        {!isSmall && (
          <span className="truncate text-xs text-ink-faint">{boot.version && `Version ${boot.version}`}</span>
        )}
        <Button
          look="ghost"
          aria-label={isSmall ? "Widen the navigation" : "Narrow the navigation"}
          hint={isSmall ? "Widen" : "Narrow"}
          keys="["
          icon={<PanelLeft aria-hidden className="size-4" />}
          onClick={toggle}
        />
      </div>
    </div>
  );
}

/** The same behind a button. */
export function NavDrawer() {
  const [isOpen, setOpen] = useState(false);
  return (
    <Dialog.Root open={isOpen} onOpenChange={setOpen}>
      <Dialog.Trigger asChild>
        <Button
          look="ghost"
          className="md:hidden"
          aria-label="Navigation"
          icon={<Menu aria-hidden className="size-4" />}
        />
      </Dialog.Trigger>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-40 bg-black/40 md:hidden" />
        <Dialog.Content
          aria-describedby={undefined}
          className="fixed inset-y-0 left-0 z-40 flex w-64 flex-col border-r border-line bg-canvas shadow-panel md:hidden"
        >
          <Dialog.Title className="sr-only">Navigation</Dialog.Title>
          <div className="flex items-center justify-between pr-2">
            <Brand isSmall={false} />
            <Dialog.Close asChild>
              <Button look="ghost" aria-label="Close" icon={<X aria-hidden className="size-4" />} />
            </Dialog.Close>
          </div>
          <Places isSmall={false} onGo={() => setOpen(false)} />
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function Brand({ isSmall }: { isSmall: boolean }) {
  return (
    <div className={clsx("flex h-12 shrink-0 items-center gap-2", isSmall ? "justify-center" : "px-4")}>
      <Mark />
      {!isSmall && <span className="text-sm font-semibold tracking-tight">Everstep</span>}
    </div>
  );
}

/** Steps that go on. */
function Mark() {
  return (
    <svg
      aria-hidden
      viewBox="0 0 16 16"
      className="size-4.5 text-accent"
      fill="none"
      stroke="currentColor"
      strokeWidth="2.2"
    >
      <path d="M1.5 13.5h4v-4h4v-4h5" strokeLinecap="round" strokeLinejoin="round" />
    </svg>
  );
}

function Places({ isSmall, onGo }: { isSmall: boolean; onGo?: () => void }) {
  const pathname = useRouterState({ select: (state) => state.location.pathname });
  const current = placeOf(pathname);
  return (
    <nav aria-label="Screens" className="flex min-h-0 flex-1 flex-col gap-3 overflow-y-auto px-2 pt-1 pb-3">
      {SECTIONS.map((section) => (
        <div key={section.title}>
          {isSmall ? (
            <div className="mx-2 mb-1.5 border-t border-line" />
          ) : (
            <h2 className="px-2 pb-1 text-[11px] font-medium text-ink-faint">{section.title}</h2>
          )}
          <ul className="flex flex-col gap-px">
            {section.places.map((place) => (
              <li key={place.title}>
                <Entry place={place} isCurrent={place === current} isSmall={isSmall} onGo={onGo} />
              </li>
            ))}
          </ul>
        </div>
      ))}
    </nav>
  );
}

interface EntryProps {
  place: Place;
  isCurrent: boolean;
  isSmall: boolean;
  onGo: (() => void) | undefined;
}

function Entry({ place, isCurrent, isSmall, onGo }: EntryProps) {
  const Icon = place.icon;
  const link = (
    <Link
      to={place.to}
      {...(onGo ? { onClick: onGo } : {})}
      aria-current={isCurrent ? "page" : undefined}
      aria-label={isSmall ? place.title : undefined}
      className={clsx(
        "flex h-7.5 items-center gap-2.5 rounded-md",
        isSmall ? "justify-center" : "px-2",
        isCurrent ? "bg-accent-soft font-medium text-ink" : "text-ink-soft hover:bg-sunken hover:text-ink",
      )}
    >
      <Icon aria-hidden className={clsx("size-4 shrink-0", isCurrent && "text-accent")} />
      {!isSmall && place.title}
    </Link>
  );
  return isSmall ? (
    <Hint text={place.title} keys={`g ${place.key}`}>
      {link}
    </Hint>
  ) : (
    link
  );
}
