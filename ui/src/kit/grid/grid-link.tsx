/** A link in a cell: it is no stop for Tab, as the grid is one; keys reach it by its cell. */
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { Search } from "../../url/search";

interface Props {
  to: string;
  search?: Search;
  title?: string;
  className?: string;
  "aria-label"?: string;
  children: ReactNode;
}

export function GridLink({ search, children, ...rest }: Props) {
  return (
    <Link {...rest} {...(search ? ({ search } as object) : {})} tabIndex={-1} draggable={false}>
      {children}
    </Link>
  );
}
