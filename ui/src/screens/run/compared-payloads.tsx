/** What two steps were given, and what they gave: beside each other, with what differs. */
import { useState } from "react";
import type { Span } from "../../api/types";
import { MergeView } from "../../kit/editor";
import { Panel } from "../../kit/panel";
import { Empty } from "../../kit/states";
import { Tabs, type Tab } from "../../kit/tabs";
import { same, sorted } from "./compare";

const PARTS = ["output", "input", "error"] as const;
type Part = (typeof PARTS)[number];

interface Props {
  title: string;
  left: Span | undefined;
  right: Span | undefined;
}

export function ComparedPayloads({ title, left, right }: Props) {
  const there = PARTS.filter((part) => left?.[part] !== undefined || right?.[part] !== undefined);
  const first = there.find((part) => !same(left?.[part], right?.[part])) ?? there[0];
  const [part, setPart] = useState<string>(first ?? "output");
  const tabs = there.map((it): Tab => ({
    id: it,
    title: name(it),
    content: () => <Both part={it} left={left} right={right} />,
  }));
  return (
    <Panel title={title}>
      {tabs.length === 0 ? (
        <Empty title="Neither was given anything or gave anything" />
      ) : (
        <Tabs label="What is compared" tabs={tabs} current={part} onChange={setPart} />
      )}
    </Panel>
  );
}

function Both({ part, left, right }: { part: Part; left: Span | undefined; right: Span | undefined }) {
  if (same(left?.[part], right?.[part])) {
    return <Empty title={`The ${part} is the same`} />;
  }
  return (
    <MergeView
      left={sorted(left?.[part])}
      right={sorted(right?.[part])}
      leftLabel={`${name(part)} of the run compared with`}
      rightLabel={`${name(part)} of this run`}
    />
  );
}

function name(part: Part): string {
  return part.charAt(0).toUpperCase() + part.slice(1);
}
