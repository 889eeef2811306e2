/** What is above every screen: how the server runs, search, live updates, display, help. */
import clsx from "clsx";
import { CircleHelp, FlaskConical, Search, Server } from "lucide-react";
import { boot } from "../boot";
import { isMac } from "../keys/notation";
import { Button } from "../kit/button";
import { Hint, Keys } from "../kit/hint";
import { DisplayMenu } from "./display-menu";
import { LiveIndicator } from "./live-indicator";
import { NavDrawer } from "./nav";
import { showOverlay } from "./overlays";

export function TopBar() {
  return (
    <header className="flex h-12 shrink-0 items-center gap-2 border-b border-line bg-surface px-2 md:px-4">
      <NavDrawer />
      <Mode />
      <SearchButton />
      <div className="ml-auto flex items-center gap-0.5">
        <LiveIndicator />
        <DisplayMenu />
        <Button
          look="ghost"
          aria-label="Keyboard shortcuts"
          hint="Keyboard shortcuts"
          keys="?"
          icon={<CircleHelp aria-hidden className="size-4" />}
          onClick={() => showOverlay("help")}
        />
      </div>
    </header>
  );
}

function Mode() {
  const isDev = boot.mode === "dev";
  const Icon = isDev ? FlaskConical : Server;
  return (
    <Hint
      text={isDev ? "A development server: anybody who reaches it may do anything." : "A production server."}
    >
      <span
        tabIndex={0}
        className={clsx(
          "inline-flex h-6 items-center gap-1.5 rounded-full px-2.5 text-xs font-medium",
          isDev ? "bg-wait-soft text-wait" : "bg-run-soft text-run",
        )}
      >
        <Icon aria-hidden className="size-3.5" />
        <span className="max-sm:sr-only">{isDev ? "Development" : "Production"}</span>
      </span>
    </Hint>
  );
}

function SearchButton() {
  return (
    <button
      type="button"
      onClick={() => showOverlay("palette")}
      className="flex h-8 min-w-0 flex-1 items-center gap-2 rounded-md border border-line-strong/40 bg-canvas px-2.5 text-left text-ink-faint hover:border-line-strong md:max-w-md"
    >
      <Search aria-hidden className="size-4 shrink-0" />
      <span className="truncate">Search runs, or jump to an id</span>
      <Keys keys={isMac() ? "⌘K" : "Ctrl+K"} className="ml-auto shrink-0 max-sm:hidden" />
    </button>
  );
}
