/** What the URL says of the audit log: which entries are shown. */
import { useUrlSearch } from "../../url/navigation";
import { compact, one } from "../../url/search";
import type { AuditSearch } from "../../url/searches";
import type { AuditFilter } from "./entries";

export function useAuditFilter(): [AuditFilter, (filter: AuditFilter) => void] {
  const { search, replace } = useUrlSearch<AuditSearch>();
  return [compact({ action: one(search["action"]), text: one(search["text"]) }), replace];
}
