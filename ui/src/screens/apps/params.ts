/** What the URL says of an app: which. */
import { usePathParam } from "../../url/navigation";

export function useAppName(): string {
  return usePathParam("app");
}
