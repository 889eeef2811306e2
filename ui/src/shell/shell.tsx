/** The frame of every screen: navigation, top bar, problems, and the place of the screen. */
import { Outlet, useRouterState } from "@tanstack/react-router";
import { useEffect } from "react";
import { useKeyListener, useKeys } from "../keys/hooks";
import { copy } from "../kit/copy";
import { useGo } from "../url/navigation";
import { paths } from "../url/paths";
import { Help } from "./help";
import { Nav } from "./nav";
import { showOverlay } from "./overlays";
import { Palette } from "./palette";
import { placeOf, PLACES } from "./places";
import { Problems } from "./problems";
import { useThemeOfPage } from "./theme";
import { TopBar } from "./top-bar";

export function Shell() {
  useThemeOfPage();
  useKeyListener();
  useShellKeys();
  useTitleOfPlace();
  return (
    <div className="flex h-full">
      <a
        href="#main"
        onClick={(event) => {
          event.preventDefault();
          document.getElementById("main")?.focus();
        }}
        className="sr-only focus:not-sr-only focus:absolute focus:top-2 focus:left-2 focus:z-50 focus:rounded-md focus:bg-raised focus:px-3 focus:py-1.5 focus:shadow-panel"
      >
        Skip to the screen
      </a>
      <Nav />
      <div className="flex min-w-0 flex-1 flex-col">
        <TopBar />
        <Problems />
        <main
          id="main"
          tabIndex={-1}
          className="flex min-h-0 min-w-0 flex-1 flex-col gap-3 overflow-auto p-3 outline-none md:p-4"
        >
          <Outlet />
        </main>
      </div>
      <Palette />
      <Help />
    </div>
  );
}

function useShellKeys(): void {
  const go = useGo();
  useKeys("Anywhere", [
    { keys: "mod+k", does: "Search and commands", isEverywhere: true, run: () => showOverlay("palette") },
    { keys: "/", does: "Search and commands", run: () => showOverlay("palette") },
    { keys: "?", does: "Keyboard shortcuts", run: () => showOverlay("help") },
    { keys: "c", does: "Send an event", run: () => void go(paths.send()) },
    {
      keys: "shift+y",
      does: "Copy the link to what is shown",
      run: () => void copy(location.href, "the link"),
    },
  ]);
  useKeys(
    "Go to",
    PLACES.map((place) => ({
      keys: `g ${place.key}`,
      does: place.title,
      run: () => void go(place.to),
    })),
  );
}

/** Screens of one thing set a title of their own. */
function useTitleOfPlace(): void {
  const pathname = useRouterState({ select: (state) => state.location.pathname });
  useEffect(() => {
    const place = placeOf(pathname);
    if (place?.to.path === pathname.replace(/\/$/, "")) document.title = `${place.title} · Everstep`;
  }, [pathname]);
}
