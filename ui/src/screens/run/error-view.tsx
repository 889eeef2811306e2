/** An error: what it says, and where it came from, with the frames of the app before those of its libraries. */
import { Copy } from "lucide-react";
import type { StepError } from "../../api/types";
import { Button } from "../../kit/button";
import { copy } from "../../kit/copy";
import { framesOf } from "./frames";

export function ErrorView({ error }: { error: StepError }) {
  const text = error.stack ?? `${error.name ?? "Error"}: ${error.message ?? ""}`;
  return (
    <div className="flex flex-col gap-3 p-3">
      <div className="flex items-start gap-2">
        <div className="min-w-0 flex-1">
          <p className="text-xs text-ink-soft">{error.name ?? "Error"}</p>
          <p className="font-medium break-words whitespace-pre-wrap text-bad">
            {error.message ?? "without a message"}
          </p>
        </div>
        <Button
          look="ghost"
          aria-label="Copy the error"
          hint="Copy"
          icon={<Copy aria-hidden className="size-3.5" />}
          onClick={() => void copy(text, "error")}
        />
      </div>
      {error.stack !== undefined && <Stack stack={error.stack} />}
      {isError(error.cause) && (
        <section aria-label="Cause" className="border-l-2 border-line">
          <h3 className="px-3 text-xs text-ink-soft">Caused by</h3>
          <ErrorView error={error.cause} />
        </section>
      )}
    </div>
  );
}

function Stack({ stack }: { stack: string }) {
  return (
    <ol
      aria-label="Stack"
      tabIndex={0}
      className="overflow-x-auto rounded-lg border border-line bg-canvas p-2 font-mono text-xs leading-5"
    >
      {framesOf(stack).map((frame, i) => (
        <li key={i} className={`whitespace-pre ${frame.isOwn ? "text-ink" : "text-ink-faint"}`}>
          {frame.text}
        </li>
      ))}
    </ol>
  );
}

function isError(cause: unknown): cause is StepError {
  return typeof cause === "object" && cause !== null && ("message" in cause || "stack" in cause);
}
