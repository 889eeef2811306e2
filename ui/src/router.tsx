/**
 * The routes: which screen is at which path. Screens are loaded when they are first opened.
 *
 * A screen is `screens/<folder>/index.tsx` and exports its component by name. Links to them are made by `url/paths`.
 */
import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
  type AnyRoute,
} from "@tanstack/react-router";
import type { ReactNode } from "react";
import { boot } from "./boot";
import { RouteFailed, RouteNotFound, RoutePending } from "./shell/fallbacks";
import { Shell } from "./shell/shell";
import { paths } from "./url/paths";
import { parseSearch, stringifySearch } from "./url/search";

const rootRoute = createRootRoute({ component: Shell, notFoundComponent: RouteNotFound });
const environment = createRoute({ getParentRoute: () => rootRoute, path: "env/$env", component: Outlet });

/** Loads the component `name` of the module of a screen. */
function screen<Name extends string>(
  path: string,
  load: () => Promise<Record<Name, () => ReactNode>>,
  name: Name,
): AnyRoute {
  return createRoute({
    getParentRoute: () => environment,
    path,
    component: lazyRouteComponent(load, name),
  });
}

const screens = [
  screen("/", () => import("./screens/overview"), "OverviewScreen"),
  screen("runs", () => import("./screens/runs"), "RunsScreen"),
  screen("runs/$run", () => import("./screens/run"), "RunScreen"),
  screen("runs/$run/compare", () => import("./screens/run"), "CompareScreen"),
  screen("events", () => import("./screens/events"), "EventsScreen"),
  screen("events/$event", () => import("./screens/event"), "EventScreen"),
  screen("functions", () => import("./screens/functions"), "FunctionsScreen"),
  screen("functions/$app/$function", () => import("./screens/function"), "FunctionScreen"),
  screen("apps", () => import("./screens/apps"), "AppsScreen"),
  screen("apps/$app", () => import("./screens/apps"), "AppScreen"),
  screen("flow", () => import("./screens/flow"), "FlowScreen"),
  screen("schedules", () => import("./screens/schedules"), "SchedulesScreen"),
  screen("errors", () => import("./screens/errors"), "ErrorsScreen"),
  screen("errors/$group", () => import("./screens/errors"), "ErrorGroupScreen"),
  screen("metrics", () => import("./screens/metrics"), "MetricsScreen"),
  screen("operations", () => import("./screens/operations"), "OperationsScreen"),
  screen("operations/$operation", () => import("./screens/operations"), "OperationScreen"),
  screen("send", () => import("./screens/send"), "SendScreen"),
  screen("system", () => import("./screens/system"), "SystemScreen"),
  screen("audit", () => import("./screens/audit"), "AuditScreen"),
];

const home = createRoute({
  getParentRoute: () => rootRoute,
  path: "/",
  beforeLoad: () => {
    throw redirect({ to: paths.overview().path, replace: true });
  },
});

const shortLink = createRoute({
  getParentRoute: () => rootRoute,
  path: "r/$run",
  beforeLoad: ({ params, search }) => {
    throw redirect({ to: paths.run(params.run).path, search, replace: true });
  },
});

export const router = createRouter({
  routeTree: rootRoute.addChildren([home, shortLink, environment.addChildren(screens)]),
  basepath: boot.basePath,
  parseSearch,
  stringifySearch,
  defaultPreload: "intent",
  defaultPendingComponent: RoutePending,
  defaultErrorComponent: RouteFailed,
  defaultNotFoundComponent: RouteNotFound,
  scrollRestoration: true,
});
