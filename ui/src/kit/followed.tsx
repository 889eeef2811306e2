/**
 * A panel with a table whose topic tells only that something changed. It is read again then; while somebody is reading
 * further down, or goes through the rows, that waits until it is asked for.
 */
import { useQueryClient, type QueryKey } from "@tanstack/react-query";
import { useEffect, useState, type ReactNode } from "react";
import { useKeys } from "../keys/hooks";
import { useTopic } from "../live/hooks";
import { Throttle } from "../live/throttle";
import { Button } from "./button";
import { Panel } from "./panel";
import { useRowKeys } from "./row-keys";

const REFETCH_MS = 2000;
/** So far from the top is at the top. */
const AT_TOP_PX = 8;

interface Props {
  /** Of the screen, for the list of keys. */
  title: string;
  topic: string;
  queryKey: QueryKey;
  /** What there is to be shown, such as `Errors have changed since`. */
  news: string;
  children: ReactNode;
}

export function Followed({ title, topic, queryKey, news, children }: Props) {
  const area = useRowKeys<HTMLDivElement>(title);
  const [isAtTop, setAtTop] = useState(true);
  const [isFocused, setFocused] = useState(false);
  const { isChanged, show } = useChanges(topic, queryKey, isAtTop && !isFocused);
  const showNew = () => {
    area.current?.scrollTo({ top: 0 });
    show();
  };
  useKeys(title, [
    { keys: "n", does: "Show what changed since", run: () => (isChanged ? showNew() : false) },
  ]);
  return (
    <Panel className="relative min-h-72 flex-1 overflow-hidden">
      {isChanged && (
        <Button
          look="primary"
          keys="n"
          hint="Show it"
          className="!absolute top-10 left-1/2 z-20 -translate-x-1/2 rounded-full shadow-panel"
          onClick={showNew}
        >
          {news}
        </Button>
      )}
      <div
        ref={area}
        onScroll={({ currentTarget }) => setAtTop(currentTarget.scrollTop < AT_TOP_PX)}
        onFocus={() => setFocused(true)}
        onBlur={() => setFocused(false)}
        className="min-h-0 flex-1 overflow-auto"
      >
        {children}
      </div>
    </Panel>
  );
}

function useChanges(topic: string, queryKey: QueryKey, isFollowing: boolean) {
  const client = useQueryClient();
  const [throttle] = useState(() => new Throttle(REFETCH_MS));
  const key = JSON.stringify(queryKey);
  const [changed, setChanged] = useState<string>();
  const show = () => {
    setChanged(undefined);
    return client.invalidateQueries({ queryKey });
  };
  useTopic(topic, ({ kind }) => {
    if (kind === "snapshot") return;
    if (isFollowing) throttle.run(show);
    else setChanged(key);
  });
  useEffect(() => () => throttle.stop(), [key, throttle]);
  return { isChanged: changed === key, show: () => void show() };
}
