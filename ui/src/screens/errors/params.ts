/** What the URL says of a group: which, and the operation that was started for it. */
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { one, type Search } from "../../url/search";

export function useGroupId(): string {
  const { group } = useParams({ strict: false }) as { group?: string };
  return group ?? "";
}

export function useOperationId(): [string | undefined, (operation: string) => void] {
  const search: Search = useSearch({ strict: false });
  const navigate = useNavigate();
  const show = (operation: string) =>
    void navigate({
      to: ".",
      search: (before: Search) => ({ ...before, operation }),
      replace: true,
    } as never);
  return [one(search["operation"]), show];
}
