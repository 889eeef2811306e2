/** The frame of every screen: navigation, top bar, and the place of the screen. */
import { Outlet } from "@tanstack/react-router";

export function Shell() {
  return (
    <div className="flex h-full flex-col">
      <main
        id="main"
        tabIndex={-1}
        className="flex min-h-0 min-w-0 flex-1 flex-col gap-4 overflow-auto p-4 outline-none"
      >
        <Outlet />
      </main>
    </div>
  );
}
