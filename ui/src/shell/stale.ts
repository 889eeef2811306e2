/**
 * After an upgrade of the server the files of the old page are gone: when one is missed the page is loaded anew, once.
 */
import { toast } from "sonner";

const NOTE = "everstep.reloadedAt";
/** If it is missed again so soon, loading anew does not help. */
const ONCE_MS = 30_000;

export function reloadWhenStale(): void {
  const before = Number(read());
  if (before > 0 && Date.now() - before < 5_000) toast.info("The dashboard was updated");
  window.addEventListener("vite:preloadError", (event) => {
    if (Date.now() - Number(read()) < ONCE_MS) return;
    event.preventDefault();
    try {
      sessionStorage.setItem(NOTE, String(Date.now()));
    } catch {
      return;
    }
    location.reload();
  });
}

function read(): string {
  try {
    return sessionStorage.getItem(NOTE) ?? "0";
  } catch {
    return "0";
  }
}
