/** What was sent from this browser, to look at and to send again. */
import clsx from "clsx";
import { ConfirmButton } from "../../kit/confirm-button";
import { Button } from "../../kit/button";
import { Panel } from "../../kit/panel";
import { Age } from "../../kit/time";
import type { Sending } from "./history";

interface Props {
  sendings: readonly Sending[];
  /** Ids of the events whose results are shown. */
  shown: readonly string[];
  onShow: (ids: readonly string[]) => void;
  onUse: (events: Sending["events"]) => void;
  onClear: () => void;
}

export function Sendings({ sendings, shown, onShow, onUse, onClear }: Props) {
  if (sendings.length === 0) return null;
  return (
    <Panel
      title="Sent from this browser"
      className="max-h-72 flex-[2] overflow-hidden lg:max-h-none"
      actions={
        <ConfirmButton again="Press again to clear" onConfirm={onClear}>
          Clear
        </ConfirmButton>
      }
    >
      <ul className="min-h-0 flex-1 overflow-auto py-1">
        {sendings.map((sending) => {
          const ids = sending.events.map((event) => event.eventId);
          const isShown = ids.length === shown.length && ids.every((id) => shown.includes(id));
          return (
            <li
              key={`${sending.at} ${ids[0]}`}
              className={clsx(
                "flex h-8 items-center gap-2 px-3",
                isShown ? "bg-accent-soft" : "hover:bg-sunken",
              )}
            >
              <button
                type="button"
                aria-current={isShown}
                title={sending.events.map((event) => event.name).join(", ")}
                onClick={() => onShow(ids)}
                className="h-full min-w-0 flex-1 truncate text-left"
              >
                {namesOf(sending)}
              </button>
              <Age at={sending.at} className="text-xs text-ink-soft" />
              <Button look="ghost" className="h-6" onClick={() => onUse(sending.events)}>
                Edit
              </Button>
            </li>
          );
        })}
      </ul>
    </Panel>
  );
}

function namesOf({ events }: Sending): string {
  const [first, ...rest] = events;
  return `${first?.name ?? ""}${rest.length > 0 ? ` and ${rest.length} more` : ""}`;
}
