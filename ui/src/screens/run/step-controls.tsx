/** What can be done to a step that waits: for the loop of a developer. The server notes it in its audit log. */
import { FastForward, MessageSquareReply, RotateCw, TimerOff } from "lucide-react";
import { useState } from "react";
import { boot } from "../../boot";
import type { Span } from "../../api/types";
import { Button } from "../../kit/button";
import { ConfirmButton } from "../../kit/confirm-button";
import { Dialog } from "../../kit/dialog";
import { JsonEditor } from "../../kit/editor";
import { attemptsOf } from "../../waterfall";
import { useStepAction, type StepAction } from "./actions";

const icon = "size-3.5";

/** What a step can be told, in its state. */
export function controlsOf(span: Span): StepAction["do"][] {
  if (span.stepId === undefined || (span.status !== "WAITING" && span.status !== "RUNNING")) return [];
  switch (span.stepOp) {
    case "SLEEP":
      return ["skip-sleep"];
    case "WAIT_FOR_EVENT":
    case "WAIT_FOR_SIGNAL":
    case "INVOKE":
      return ["answer", "time-out"];
    default:
      return attemptsOf(span).at(-1)?.status === "FAILED" || span.status === "WAITING" ? ["retry"] : [];
  }
}

export function StepControls({ run, span }: { run: string; span: Span }) {
  const controls = controlsOf(span);
  const action = useStepAction(run, span.stepId ?? "");
  const [isAnswering, setAnswering] = useState(false);
  if (controls.length === 0) return null;
  const act = (it: "skip-sleep" | "time-out" | "retry") => action.mutate({ do: it });
  return (
    <div className="flex flex-wrap gap-2" role="group" aria-label="Step controls">
      {controls.includes("skip-sleep") && (
        <Safe
          text="Finish this sleep now"
          icon={<FastForward aria-hidden className={icon} />}
          onDo={() => act("skip-sleep")}
        />
      )}
      {controls.includes("retry") && (
        <Button
          icon={<RotateCw aria-hidden className={icon} />}
          disabled={action.isPending}
          onClick={() => act("retry")}
        >
          Retry now
        </Button>
      )}
      {controls.includes("answer") && (
        <Button icon={<MessageSquareReply aria-hidden className={icon} />} onClick={() => setAnswering(true)}>
          Answer…
        </Button>
      )}
      {controls.includes("time-out") && (
        <Safe
          text="Time out now"
          icon={<TimerOff aria-hidden className={icon} />}
          onDo={() => act("time-out")}
        />
      )}
      {isAnswering && (
        <AnswerDialog
          span={span}
          onClose={() => setAnswering(false)}
          onAnswer={(payload) =>
            action.mutate({ do: "answer", payload }, { onSuccess: () => setAnswering(false) })
          }
        />
      )}
    </div>
  );
}

/** At once while developing; elsewhere it is pressed twice. */
function Safe({ text, icon: shape, onDo }: { text: string; icon: React.ReactNode; onDo: () => void }) {
  if (boot.mode === "dev") {
    return (
      <Button icon={shape} onClick={onDo}>
        {text}
      </Button>
    );
  }
  return (
    <ConfirmButton icon={shape} again="Press again" onConfirm={onDo}>
      {text}
    </ConfirmButton>
  );
}

const GIVES: Record<string, string> = {
  WAIT_FOR_EVENT: "The data of the event that it gets.",
  WAIT_FOR_SIGNAL: "The data of the signal that it gets.",
  INVOKE: "What the function that it invoked would have returned.",
};

interface AnswerProps {
  span: Span;
  onClose: () => void;
  onAnswer: (payload: unknown) => void;
}

function AnswerDialog({ span, onClose, onAnswer }: AnswerProps) {
  const [text, setText] = useState("{}");
  const payload = parsed(text);
  const submit = () => payload && onAnswer(payload.value);
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={`Answer “${span.name}”`}
      description={GIVES[span.stepOp ?? ""] ?? ""}
      actions={
        <>
          <Button onClick={onClose}>Keep waiting</Button>
          <Button look="primary" disabled={!payload} onClick={submit}>
            Answer
          </Button>
        </>
      }
    >
      <div className="flex h-64 flex-col overflow-hidden rounded-lg border border-line">
        <JsonEditor label="Answer" value={text} onChange={setText} onSubmit={submit} />
      </div>
    </Dialog>
  );
}

function parsed(text: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return undefined;
  }
}
