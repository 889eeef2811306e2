/** The top of a function: what it is, and what can be done with it. */
import { Archive, CirclePause, CirclePlay, ListTree, Play } from "lucide-react";
import { useState, type ReactNode } from "react";
import type { Function } from "../../api/types";
import { useKeys } from "../../keys/hooks";
import { Button } from "../../kit/button";
import { Fact } from "../../kit/fact";
import { copy } from "../../kit/copy";
import { Link } from "../../url/link";
import { paths } from "../../url/paths";
import { acts, useAct } from "../flow/act";
import { PauseDialog } from "../flow/pause-dialog";
import { InvokeDialog } from "./invoke-dialog";

const icon = "size-3.5";

interface Props {
  fn: Function;
  /** The event that started it last. */
  lastEvent: string | undefined;
  /** What stands at the right below the actions. */
  children: ReactNode;
}

export function FunctionHeader({ fn, lastEvent, children }: Props) {
  const [asked, ask] = useState<"pause" | "invoke">();
  const resume = useAct();
  const copySlug = () => void copy(fn.slug, "id of the function");
  const isLive = !fn.isArchived;
  const pauseOrResume = () => (fn.isPaused ? resume.mutate(acts.resume(fn.slug)) : ask("pause"));
  useKeys("Function", [
    { keys: "i", does: "Invoke it", run: () => (isLive ? ask("invoke") : false) },
    { keys: "p", does: "Pause or resume it", run: () => (isLive ? pauseOrResume() : false) },
    { keys: "y", does: "Copy the id of the function", run: copySlug },
  ]);
  return (
    <header className="flex flex-col gap-1.5">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <h1 className="min-w-0 truncate text-lg font-semibold tracking-tight" title={fn.name || fn.id}>
          {fn.name || fn.id}
        </h1>
        <div className="ml-auto flex flex-wrap items-center gap-2">
          <Link
            to={paths.runs({ functionId: fn.slug })}
            className="inline-flex h-7 items-center gap-1.5 rounded-md border border-line-strong/50 bg-raised px-2.5 hover:bg-sunken"
          >
            <ListTree aria-hidden className={icon} />
            All runs
          </Link>
          {isLive && (
            <>
              <Button
                icon={
                  fn.isPaused ? (
                    <CirclePlay aria-hidden className={icon} />
                  ) : (
                    <CirclePause aria-hidden className={icon} />
                  )
                }
                hint={fn.isPaused ? "Let runs start again" : "Start no more runs"}
                keys="p"
                disabled={resume.isPending}
                onClick={pauseOrResume}
              >
                {fn.isPaused ? "Resume" : "Pause…"}
              </Button>
              <Button
                look="primary"
                icon={<Play aria-hidden className={icon} />}
                hint="Start a run of it with data of yours"
                keys="i"
                onClick={() => ask("invoke")}
              >
                Invoke…
              </Button>
            </>
          )}
        </div>
      </div>
      <div className="flex flex-wrap items-center gap-x-5 gap-y-1">
        <dl className="flex min-w-0 flex-wrap items-center gap-x-5 text-ink-soft">
          <Fact name="App">
            <Link
              to={paths.app(fn.app.id)}
              className="inline-flex min-h-6 items-center text-accent hover:underline"
            >
              {fn.app.id}
            </Link>
          </Fact>
          <Fact name="Id">
            <button
              type="button"
              className="min-h-6 max-w-full truncate font-mono text-xs hover:underline"
              title={`${fn.slug}: copy`}
              onClick={copySlug}
            >
              {fn.slug}
            </button>
          </Fact>
          {fn.isArchived && (
            <Fact name="State">
              <span className="inline-flex items-center gap-1.5 text-off">
                <Archive aria-hidden className={icon} />
                Archived: its app no longer has it
              </span>
            </Fact>
          )}
        </dl>
        <div className="ml-auto">{children}</div>
      </div>
      {asked === "pause" && <PauseDialog slug={fn.slug} onClose={() => ask(undefined)} />}
      {asked === "invoke" && <InvokeDialog fn={fn} lastEvent={lastEvent} onClose={() => ask(undefined)} />}
    </header>
  );
}
