/** Two texts beside each other, with what differs; what is the same is folded. They are to read only. */
import { MergeView as CodeMirrorMerge } from "@codemirror/merge";
import { EditorState } from "@codemirror/state";
import { useEffect, useRef } from "react";
import { readOnlySetup } from "./setup";

interface Props {
  left: string;
  right: string;
  leftLabel: string;
  rightLabel: string;
}

export function MergeView({ left, right, leftLabel, rightLabel }: Props) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!place.current) return undefined;
    const side = (doc: string, label: string) => ({
      doc,
      extensions: [readOnlySetup(label), EditorState.readOnly.of(true)],
    });
    const view = new CodeMirrorMerge({
      parent: place.current,
      a: side(left, leftLabel),
      b: side(right, rightLabel),
      collapseUnchanged: { margin: 3, minSize: 6 },
      gutter: true,
    });
    return () => view.destroy();
  }, [left, right, leftLabel, rightLabel]);
  return <div ref={place} className="max-h-[60vh] overflow-auto" />;
}
