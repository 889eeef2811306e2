/** The list of the runs that an operation is about, as the URL of the list of runs has it. */
import type { Operation } from "../../api/types";
import { countedFilter } from "./progress";

/** Runs that were cancelled are found by what they are now. */
export function runsSearch(operation: Operation): Record<string, string | string[]> {
  const { attributes, ...rest } = countedFilter(operation);
  const search: Record<string, string | string[]> = {};
  const put = (name: string, value: unknown) => {
    if (Array.isArray(value)) search[name] = value.map(String);
    else if (value !== undefined && value !== null) search[name] = String(value);
  };
  for (const [name, value] of Object.entries(rest)) put(name, value);
  for (const [name, value] of Object.entries((attributes ?? {}) as object)) put(`attr.${name}`, value);
  if (operation.kind === "cancel") put("status", ["CANCELLED"]);
  return search;
}
