/** A JSON text to edit; what is wrong with it is marked. Tab leaves it, as it leaves any other field. */
import { jsonParseLinter } from "@codemirror/lang-json";
import { linter } from "@codemirror/lint";
import { EditorState, Prec } from "@codemirror/state";
import { EditorView, keymap } from "@codemirror/view";
import { useEffect, useEffectEvent, useRef } from "react";
import { editorSetup } from "./setup";

interface Props {
  label: string;
  value: string;
  onChange: (value: string) => void;
  /** Ctrl or ⌘ with Enter. */
  onSubmit?: () => void;
}

export function JsonEditor({ label, value, onChange, onSubmit }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(null);
  const changed = useEffectEvent(onChange);
  const submitted = useEffectEvent(() => onSubmit?.());
  const start = useEffectEvent(() => value);

  useEffect(() => {
    if (!place.current) return undefined;
    const submit = () => {
      submitted();
      return true;
    };
    const editor = new EditorView({
      parent: place.current,
      state: EditorState.create({
        doc: start(),
        extensions: [
          editorSetup(label),
          linter(jsonParseLinter()),
          Prec.highest(keymap.of([{ key: "Mod-Enter", run: submit }])),
          EditorView.updateListener.of((update) => update.docChanged && changed(update.state.doc.toString())),
        ],
      }),
    });
    view.current = editor;
    return () => editor.destroy();
  }, [label]);

  // A value from elsewhere replaces what was typed.
  useEffect(() => {
    const editor = view.current;
    if (!editor || editor.state.doc.toString() === value) return;
    editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: value } });
  }, [value]);

  return <div ref={place} className="min-h-40 flex-1 overflow-auto" />;
}
