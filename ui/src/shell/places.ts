/** The screens that the navigation leads to, and the key for each after `g`. */
import { useRouter } from "@tanstack/react-router";
import {
  AppWindow,
  Bug,
  CalendarClock,
  ChartLine,
  Gauge,
  LayoutDashboard,
  ListChecks,
  ListTree,
  Radio,
  ScrollText,
  Send,
  Server,
  SquareFunction,
  type LucideIcon,
} from "lucide-react";
import { paths } from "../url/paths";

export interface Place {
  title: string;
  path: string;
  icon: LucideIcon;
  key: string;
}

export const SECTIONS: readonly { title: string; places: readonly Place[] }[] = [
  {
    title: "Observe",
    places: [
      { title: "Overview", path: paths.overview(), icon: LayoutDashboard, key: "o" },
      { title: "Runs", path: paths.runs(), icon: ListTree, key: "r" },
      { title: "Events", path: paths.events(), icon: Radio, key: "e" },
      { title: "Errors", path: paths.errors(), icon: Bug, key: "x" },
      { title: "Metrics", path: paths.metrics(), icon: ChartLine, key: "m" },
    ],
  },
  {
    title: "Build",
    places: [
      { title: "Apps", path: paths.apps(), icon: AppWindow, key: "a" },
      { title: "Functions", path: paths.functions(), icon: SquareFunction, key: "f" },
      { title: "Schedules", path: paths.schedules(), icon: CalendarClock, key: "c" },
      { title: "Send event", path: paths.send(), icon: Send, key: "t" },
    ],
  },
  {
    title: "Operate",
    places: [
      { title: "Flow control", path: paths.flow(), icon: Gauge, key: "q" },
      { title: "Operations", path: paths.operations(), icon: ListChecks, key: "p" },
    ],
  },
  {
    title: "Manage",
    places: [
      { title: "Audit log", path: paths.audit(), icon: ScrollText, key: "u" },
      { title: "System", path: paths.system(), icon: Server, key: "s" },
    ],
  },
];

export const PLACES: readonly Place[] = SECTIONS.flatMap((section) => section.places);

/** The place that a path is in: the longest that it begins with. */
export function placeOf(pathname: string): Place | undefined {
  const within = (path: string) => pathname === path || pathname.startsWith(`${path}/`);
  return PLACES.filter(({ path }) => within(path)).sort((a, b) => b.path.length - a.path.length)[0];
}

/** Whether the router has the screen of a place. */
export function useIsThere(): (place: Place) => boolean {
  // The path of the environment itself is no screen: that of the overview ends with a slash.
  const known = useRouter().routesById as Record<string, unknown>;
  return ({ path }) => {
    const route = path.replace(/^\/env\/[^/]+/, "/env/$env");
    return (route === "/env/$env" ? `${route}/` : route) in known;
  };
}
