/** A link to a screen. */
import { Link as RouterLink } from "@tanstack/react-router";
import type { ComponentProps } from "react";
import type { Address } from "./paths";

export interface LinkProps extends Omit<ComponentProps<"a">, "href" | "target"> {
  to: Address;
  target?: "_blank";
}

export function Link({ to: { path, search = {} }, ...rest }: LinkProps) {
  return <RouterLink {...rest} to={path} search={search} />;
}
