/** What the URL says of an event: which, and which part of it is shown. */
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { one, type Search } from "../../url/search";

export function useEventId(): string {
  const { event } = useParams({ strict: false }) as { event?: string };
  return event ?? "";
}

export function useTab(): [string | undefined, (tab: string) => void] {
  const search: Search = useSearch({ strict: false });
  const navigate = useNavigate();
  const show = (tab: string) =>
    void navigate({ to: ".", search: (before: Search) => ({ ...before, tab }), replace: true } as never);
  return [one(search["tab"]), show];
}
