/** The columns of a grid: what each shows, how wide it is, and which of them people have chosen to see. */
import { useMemo } from "react";
import type { ReactNode } from "react";
import { useSetting } from "../../settings";

export interface Column<T> {
  id: string;
  /** Its name in the column picker, and its head unless there is another. */
  title: string;
  head?: ReactNode;
  /** Where the grid is narrow, it may say less. */
  cell: (row: T, isNarrow: boolean) => ReactNode;
  /** Track of a CSS grid, such as `7rem` or `minmax(10rem, 1fr)`: what is in the cells never changes it. */
  width: string;
  /** The same where the grid is narrow. */
  narrowWidth?: string;
  /** Left out where the grid is not that many pixels wide. */
  from?: number;
  isNumber?: boolean;
  /** People can choose whether they see it: this is how it is at first. Without it the column is always there. */
  choice?: "shown" | "hidden";
  className?: string;
}

/** Below so many pixels a grid is narrow. */
export const NARROW_PX = 600;

/** What people chose, as it is kept: ids of columns, those that are hidden with a `-` before. */
export function readChoices(text: string | undefined): ReadonlyMap<string, boolean> {
  const words = (text ?? "").split(",").filter((word) => word !== "");
  return new Map(words.map((word) => [word.replace(/^-/, ""), !word.startsWith("-")]));
}

export function writeChoices(choices: ReadonlyMap<string, boolean>): string {
  return [...choices].map(([id, isShown]) => (isShown ? id : `-${id}`)).join(",");
}

export function isChosen<T>(column: Column<T>, choices: ReadonlyMap<string, boolean>): boolean {
  if (column.choice === undefined) return true;
  return choices.get(column.id) ?? column.choice === "shown";
}

export function visibleColumns<T>(
  columns: readonly Column<T>[],
  choices: ReadonlyMap<string, boolean>,
  width: number,
): readonly Column<T>[] {
  return columns.filter((column) => (column.from ?? 0) <= width && isChosen(column, choices));
}

/** For `grid-template-columns`. */
export function template<T>(columns: readonly Column<T>[], width: number, isSelectable: boolean): string {
  const tracks = columns.map((column) =>
    width < NARROW_PX ? (column.narrowWidth ?? column.width) : column.width,
  );
  return [...(isSelectable ? ["2rem"] : []), ...tracks].join(" ");
}

/** `name` is under which the browser keeps what was chosen. */
export function useChoices(name: string) {
  const [text, set] = useSetting(`columns.${name}`);
  const choices = useMemo(() => readChoices(text), [text]);
  const choose = (id: string, isShown: boolean) => set(writeChoices(new Map(choices).set(id, isShown)));
  return [choices, choose] as const;
}
