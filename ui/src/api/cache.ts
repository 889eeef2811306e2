/** The cache of what was read. What is shown is kept up to date by the live feed: nothing is read again by time. */
import { QueryClient } from "@tanstack/react-query";
import { ApiError } from "./client";

const RETRIES = 2;
/** What was read less long ago is shown as it is when one comes back to a screen. */
const FRESH_MS = 5_000;

/** An answer that says no says the same the next time. */
function isWorthRetrying(failures: number, error: Error): boolean {
  const isPassing = !(error instanceof ApiError) || error.status === 0 || error.status >= 500;
  return isPassing && failures < RETRIES;
}

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: { staleTime: FRESH_MS, refetchOnWindowFocus: false, retry: isWorthRetrying },
    mutations: { retry: false },
  },
});
