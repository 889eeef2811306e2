/** Whether what is shown is kept up to date, and the switch for it. */
import clsx from "clsx";
import { CirclePause, LoaderCircle, Radio } from "lucide-react";
import { useKeys } from "../keys/hooks";
import { Button } from "../kit/button";
import { useLiveState } from "../live/hooks";
import { live, type LiveState } from "../live/socket";

const LOOKS: Record<LiveState, { word: string; hint: string; icon: typeof Radio; look: string }> = {
  live: {
    word: "Live",
    hint: "Changes are shown as they happen. Press to hold them.",
    icon: Radio,
    look: "text-ok",
  },
  connecting: {
    word: "Connecting",
    hint: "Connecting to the live feed.",
    icon: LoaderCircle,
    look: "text-ink-soft",
  },
  reconnecting: {
    word: "Reconnecting",
    hint: "The connection broke. What is shown may be old.",
    icon: LoaderCircle,
    look: "text-wait",
  },
  paused: {
    word: "Paused",
    hint: "Nothing changes while you look. Press to go on.",
    icon: CirclePause,
    look: "text-wait",
  },
};

export function LiveIndicator() {
  const state = useLiveState();
  const { word, hint, icon: Icon, look } = LOOKS[state];
  const toggle = () => live.pause(live.state !== "paused");
  useKeys("Anywhere", [{ keys: "l", does: "Hold live updates, or go on", run: toggle }]);
  const isBusy = state === "connecting" || state === "reconnecting";
  return (
    <Button
      look="ghost"
      hint={hint}
      keys="l"
      aria-pressed={state === "paused"}
      aria-label={`Live updates: ${word}`}
      onClick={toggle}
      icon={<Icon aria-hidden className={clsx("size-4", look, isBusy && "animate-spin")} />}
    >
      <span className="hidden sm:inline">{word}</span>
    </Button>
  );
}
