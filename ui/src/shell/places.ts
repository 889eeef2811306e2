/** The screens that the navigation leads to, and the key for each after `g`. */
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
import { paths, type Address } from "../url/paths";

export interface Place {
  title: string;
  to: Address;
  icon: LucideIcon;
  key: string;
}

export const SECTIONS: readonly { title: string; places: readonly Place[] }[] = [
  {
    title: "Observe",
    places: [
      { title: "Overview", to: paths.overview(), icon: LayoutDashboard, key: "o" },
      { title: "Runs", to: paths.runs(), icon: ListTree, key: "r" },
      { title: "Events", to: paths.events(), icon: Radio, key: "e" },
      { title: "Errors", to: paths.errors(), icon: Bug, key: "x" },
      { title: "Metrics", to: paths.metrics(), icon: ChartLine, key: "m" },
    ],
  },
  {
    title: "Build",
    places: [
      { title: "Apps", to: paths.apps(), icon: AppWindow, key: "a" },
      { title: "Functions", to: paths.functions(), icon: SquareFunction, key: "f" },
      { title: "Schedules", to: paths.schedules(), icon: CalendarClock, key: "c" },
      { title: "Send event", to: paths.send(), icon: Send, key: "t" },
    ],
  },
  {
    title: "Operate",
    places: [
      { title: "Flow control", to: paths.flow(), icon: Gauge, key: "q" },
      { title: "Operations", to: paths.operations(), icon: ListChecks, key: "p" },
    ],
  },
  {
    title: "Manage",
    places: [
      { title: "Audit log", to: paths.audit(), icon: ScrollText, key: "u" },
      { title: "System", to: paths.system(), icon: Server, key: "s" },
    ],
  },
];

export const PLACES: readonly Place[] = SECTIONS.flatMap((section) => section.places);

/** The place that a path is in: the longest that it begins with. */
export function placeOf(pathname: string): Place | undefined {
  const within = (path: string) => pathname === path || pathname.startsWith(`${path}/`);
  return PLACES.filter(({ to }) => within(to.path)).sort((a, b) => b.to.path.length - a.to.path.length)[0];
}
