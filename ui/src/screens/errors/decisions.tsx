/** The buttons by which people decide about a group of errors. */
import { Check, ChevronDown, CircleDot, EyeOff } from "lucide-react";
import type { ErrorGroup } from "../../api/types";
import { useKeys } from "../../keys/hooks";
import { Button } from "../../kit/button";
import { Menu, MenuItem } from "../../kit/menu";
import { useDecide } from "./decide";

const icon = "size-3.5";
/** For how long a group can be ignored. */
const WHILES = [
  ["1h", "For an hour"],
  ["24h", "For a day"],
  ["168h", "For a week"],
  [undefined, "For good"],
] as const;

export function Decisions({ group }: { group: ErrorGroup }) {
  const { mutate, isPending } = useDecide(group.id);
  const isOpen = group.status === "open";
  useKeys("Error", [
    { keys: "e", does: "Resolve it", run: () => isOpen && mutate({ do: "resolve" }) },
    { keys: "o", does: "Open it again", run: () => !isOpen && mutate({ do: "reopen" }) },
  ]);
  if (!isOpen) {
    return (
      <Button
        icon={<CircleDot aria-hidden className={icon} />}
        hint="Open it again"
        keys="o"
        disabled={isPending}
        onClick={() => mutate({ do: "reopen" })}
      >
        Reopen
      </Button>
    );
  }
  return (
    <>
      <Menu
        trigger={
          <Button icon={<EyeOff aria-hidden className={icon} />} disabled={isPending}>
            Ignore
            <ChevronDown aria-hidden className={icon} />
          </Button>
        }
      >
        {WHILES.map(([until, words]) => (
          <MenuItem
            key={words}
            onSelect={() => mutate({ do: "ignore", ...(until === undefined ? {} : { until }) })}
          >
            {words}
          </MenuItem>
        ))}
      </Menu>
      <Button
        icon={<Check aria-hidden className={icon} />}
        hint="It is done with; it opens again when it is seen again"
        keys="e"
        disabled={isPending}
        onClick={() => mutate({ do: "resolve" })}
      >
        Resolve
      </Button>
    </>
  );
}
