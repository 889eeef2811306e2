/** The buttons by which people decide about a group of errors: with words beside one, as icons in a list. */
import { Check, ChevronDown, CircleDot, EyeOff } from "lucide-react";
import type { ReactElement } from "react";
import type { ErrorGroup } from "../../api/types";
import { useKeys } from "../../keys/hooks";
import { Button } from "../../kit/button";
import { Menu, MenuItem } from "../../kit/menu";
import { useDecide, type Decision } from "./decide";

const icon = "size-3.5";
/** For how long a group can be ignored. */
const WHILES = [
  ["1h", "For an hour"],
  ["24h", "For a day"],
  ["168h", "For a week"],
  [undefined, "For good"],
] as const;

export function Decisions({ group }: { group: ErrorGroup }) {
  const { decide, isPending } = useDecision(group.id);
  const isOpen = group.status === "open";
  useKeys("Error", [
    { keys: "e", does: "Resolve it", run: () => isOpen && decide({ do: "resolve" }) },
    { keys: "o", does: "Open it again", run: () => !isOpen && decide({ do: "reopen" }) },
  ]);
  if (!isOpen) {
    return (
      <Button
        icon={<CircleDot aria-hidden className={icon} />}
        hint="Open it again"
        keys="o"
        disabled={isPending}
        onClick={() => decide({ do: "reopen" })}
      >
        Reopen
      </Button>
    );
  }
  return (
    <>
      <IgnoreMenu
        trigger={
          <Button icon={<EyeOff aria-hidden className={icon} />} disabled={isPending}>
            Ignore
            <ChevronDown aria-hidden className={icon} />
          </Button>
        }
        decide={decide}
      />
      <Button
        icon={<Check aria-hidden className={icon} />}
        hint="It is done with; it opens again when it is seen again"
        keys="e"
        disabled={isPending}
        onClick={() => decide({ do: "resolve" })}
      >
        Resolve
      </Button>
    </>
  );
}

/** In a row of the list. */
export function RowDecisions({ group }: { group: ErrorGroup }) {
  const { decide, isPending } = useDecision(group.id);
  const what = group.message || group.name || "the error";
  if (group.status !== "open")
    return (
      <Button
        look="ghost"
        icon={<CircleDot aria-hidden className={icon} />}
        aria-label={`Reopen ${what}`}
        hint="Open it again"
        disabled={isPending}
        onClick={() => decide({ do: "reopen" })}
      />
    );
  return (
    <>
      <Button
        look="ghost"
        icon={<Check aria-hidden className={icon} />}
        aria-label={`Resolve ${what}`}
        hint="Resolve: it opens again when it is seen again"
        disabled={isPending}
        onClick={() => decide({ do: "resolve" })}
      />
      <IgnoreMenu
        trigger={
          <Button
            look="ghost"
            icon={<EyeOff aria-hidden className={icon} />}
            aria-label={`Ignore ${what}`}
            disabled={isPending}
          />
        }
        decide={decide}
      />
    </>
  );
}

function IgnoreMenu({ trigger, decide }: { trigger: ReactElement; decide: (decision: Decision) => void }) {
  return (
    <Menu trigger={trigger}>
      {WHILES.map(([until, words]) => (
        <MenuItem
          key={words}
          onSelect={() => decide({ do: "ignore", ...(until === undefined ? {} : { until }) })}
        >
          {words}
        </MenuItem>
      ))}
    </Menu>
  );
}

function useDecision(id: string) {
  const { mutate, isPending } = useDecide();
  return { decide: (decision: Decision) => mutate({ id, ...decision }), isPending };
}
