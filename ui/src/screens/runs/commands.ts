/** The list of runs as commands: for a terminal, a script, a bug report. */
import { url } from "../../api/client";
import { quoted } from "../../kit/quoted";
import { filterParams, type RunFilter } from "./params";

export function curlOf(filter: RunFilter): string {
  return `curl -s ${quoted(new URL(url("v2/runs", filterParams(filter)), document.baseURI).href)}`;
}

/** Nothing if the command has no option for a part of the filter. */
export function commandOf(filter: RunFilter): string | undefined {
  const { status = [], functionId = [], appId = [], eventName, errorGroup, attributes = {} } = filter;
  const { since, from, until, search, key, isDeferred, timeField } = filter;
  if ([key, isDeferred, timeField].some((it) => it !== undefined)) return undefined;
  const words = ["everstep", "runs", "list"];
  const add = (option: string, value: string | undefined) => {
    if (value !== undefined) words.push(option, quoted(value));
  };
  add("--query", search);
  for (const it of status) add("--status", it.toLowerCase());
  for (const it of functionId) add("--fn", it);
  for (const it of appId) add("--app", it);
  add("--event", eventName);
  add("--error", errorGroup);
  for (const [name, value] of Object.entries(attributes)) add("--attr", `${name}=${value}`);
  add("--since", from ?? since);
  add("--until", until);
  add("--url", new URL(url(""), document.baseURI).href.replace(/\/$/, ""));
  return words.join(" ");
}
