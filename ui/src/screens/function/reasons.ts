/** Reasons as the API gives them, made ready to be shown with links. */
import type { Reason } from "../../api/types";

/** Of many holders of a limit so many are named. */
export const HOLDERS_SHOWN = 3;

/** The runs that hold a limit, each once: a run may have several calls in flight. */
export function heldBy(reason: Reason): string[] {
  return [...new Set((reason.limit?.holders ?? []).map(({ runId }) => runId))];
}

/** The text ends with the ids of the holders; they are shown as links. */
export function withoutHolders(text: string): string {
  return text.replace(/, held by [0-9A-Z, ]+(?=$| until )/, "");
}
