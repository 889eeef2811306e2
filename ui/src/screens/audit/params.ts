/** What the URL says of the audit log: which entries are shown. */
import { useNavigate, useSearch } from "@tanstack/react-router";
import { compact, one, type Search } from "../../url/search";
import type { AuditFilter } from "./entries";

export function useAuditFilter(): [AuditFilter, (filter: AuditFilter) => void] {
  const search: Search = useSearch({ strict: false });
  const navigate = useNavigate();
  const change = (filter: AuditFilter) =>
    void navigate({ to: ".", search: compact(filter), replace: true } as never);
  return [compact({ action: one(search["action"]), text: one(search["text"]) }), change];
}
