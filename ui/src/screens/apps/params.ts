/** What the URL says of an app: which. */
import { useParams } from "@tanstack/react-router";

export function useAppName(): string {
  const { app } = useParams({ strict: false }) as { app?: string };
  return app ?? "";
}
