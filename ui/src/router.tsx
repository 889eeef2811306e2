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
import { boot } from "./boot";
import { RouteFailed, RouteNotFound, RoutePending } from "./shell/fallbacks";
import { Shell } from "./shell/shell";
import { paths } from "./url/paths";
import { parseSearch, stringifySearch } from "./url/search";

const rootRoute = createRootRoute({ component: Shell, notFoundComponent: RouteNotFound });
const environment = createRoute({ getParentRoute: () => rootRoute, path: "env/$env", component: Outlet });

const modules = import.meta.glob<Record<string, never>>("./screens/*/index.tsx");

function screen(path: string, folder: string, name: string): AnyRoute[] {
  const load = modules[`./screens/${folder}/index.tsx`];
  if (!load) return [];
  const component = lazyRouteComponent(load, name);
  return [createRoute({ getParentRoute: () => environment, path, component })];
}

const screens = [
  ...screen("/", "overview", "OverviewScreen"),
  ...screen("runs", "runs", "RunsScreen"),
  ...screen("runs/$run", "run", "RunScreen"),
  ...screen("runs/$run/compare", "run", "CompareScreen"),
  ...screen("events", "events", "EventsScreen"),
  ...screen("events/$event", "event", "EventScreen"),
  ...screen("functions", "functions", "FunctionsScreen"),
  ...screen("functions/$app/$function", "function", "FunctionScreen"),
  ...screen("apps", "apps", "AppsScreen"),
  ...screen("apps/$app", "apps", "AppScreen"),
  ...screen("flow", "flow", "FlowScreen"),
  ...screen("schedules", "schedules", "SchedulesScreen"),
  ...screen("errors", "errors", "ErrorsScreen"),
  ...screen("errors/$group", "errors", "ErrorGroupScreen"),
  ...screen("metrics", "metrics", "MetricsScreen"),
  ...screen("operations", "operations", "OperationsScreen"),
  ...screen("operations/$operation", "operations", "OperationScreen"),
  ...screen("send", "send", "SendScreen"),
  ...screen("system", "system", "SystemScreen"),
  ...screen("audit", "audit", "AuditScreen"),
];

const home = createRoute({
  getParentRoute: () => rootRoute,
  path: "/",
  beforeLoad: () => {
    throw redirect({ to: paths.overview(), replace: true });
  },
});

const shortLink = createRoute({
  getParentRoute: () => rootRoute,
  path: "r/$run",
  beforeLoad: ({ params, search }) => {
    throw redirect({ to: paths.run(params.run), search, replace: true });
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
