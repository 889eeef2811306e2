/** What the URL says of a group: which, and the operation that was started for it. */
import { usePathParam, useUrlSearch } from "../../url/navigation";
import { one } from "../../url/search";
import type { ErrorGroupSearch } from "../../url/searches";

export function useGroupId(): string {
  return usePathParam("group");
}

export function useOperationId(): [string | undefined, (operation: string) => void] {
  const { search, merge } = useUrlSearch<ErrorGroupSearch>();
  return [one(search["operation"]), (operation) => merge({ operation })];
}
