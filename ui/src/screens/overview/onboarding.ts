/** From an empty server to a run that ended: what is done, and what comes next with the command for it. */
import type { DevApp, Function } from "../../api/types";
import { problemOf, type AppProblem } from "../apps/rows";

export interface Known {
  /** Where this server is, without a slash at the end. */
  origin: string;
  apps: number;
  /** Where an app was looked for. */
  entries: readonly DevApp[];
  functions: readonly Function[];
  hasEvent: boolean;
  hasEndedRun: boolean;
}

export interface Step {
  id: "app" | "function" | "event" | "run";
  title: string;
  isDone: boolean;
  /** What is to be done, or what was seen. */
  says: string;
  command?: string;
  tried?: { url: string; problem: AppProblem | undefined }[];
}

export function stepsOf(known: Known): Step[] {
  const { apps, functions, hasEvent, hasEndedRun } = known;
  const live = functions.filter((fn) => !fn.isArchived);
  return [
    {
      id: "app",
      title: "Connect an app",
      isDone: apps > 0,
      ...(apps > 0
        ? { says: apps === 1 ? "An app is connected." : `${apps} apps are connected.` }
        : {
            says: "Start your app with the address of this server, and it registers itself.",
            command: `INNGEST_DEV=${known.origin} npm run dev`,
            tried: known.entries.map((entry) => ({ url: entry.url, problem: problemOf(entry) })),
          }),
    },
    {
      id: "function",
      title: "See its functions",
      isDone: live.length > 0,
      says:
        live.length === 0
          ? "They are the ones that the app hands to serve()."
          : live.length === 1
            ? "One function is registered."
            : `${live.length} functions are registered.`,
    },
    {
      id: "event",
      title: "Send an event",
      isDone: hasEvent,
      ...(hasEvent
        ? { says: "An event was received." }
        : {
            says: "One that triggers a function. Any event key will do here.",
            command: curl(known.origin, eventName(live)),
          }),
    },
    {
      id: "run",
      title: "See a run end",
      isDone: hasEndedRun,
      says: hasEndedRun ? "A run ended." : "An event starts a run of each function that it triggers.",
    },
  ];
}

/** One that starts something, if it is known. */
export function eventName(functions: readonly Function[]): string {
  const triggers = functions.flatMap((fn) => fn.triggers ?? []);
  return triggers.find(({ type, value }) => type === "EVENT" && !/[*']/.test(value))?.value ?? "test/hello";
}

function curl(origin: string, name: string): string {
  return `curl -X POST ${origin}/e/dev -d '${JSON.stringify({ name, data: {} })}'`;
}
