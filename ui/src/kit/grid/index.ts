/** Long lists that are gone through by keys. */
export { type Column } from "./columns";
export { Grid, type GridProps } from "./grid";
export { GridLink } from "./grid-link";
export { ListGrid } from "./list-grid";
export { NOTHING, type Selection } from "./selection";
export { useList } from "./use-list";
