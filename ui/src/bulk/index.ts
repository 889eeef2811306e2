/** Doing something to many runs. */
export { BulkDialog } from "./bulk-dialog";
export { isPossible, type BulkFilter, type Kind } from "./wish";
