/** A link in a cell: it is no stop for Tab, as the grid is one; keys reach it by its cell. */
import { Link, type LinkProps } from "../../url/link";

export function GridLink(props: LinkProps) {
  return <Link {...props} tabIndex={-1} draggable={false} />;
}
