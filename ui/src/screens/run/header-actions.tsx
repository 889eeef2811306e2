/** What can be done to the run: run it again, cancel it, compare and share it. */
import { Ban, ChevronDown, GitCompareArrows, RotateCw, Share2 } from "lucide-react";
import { useState } from "react";
import type { Run, Trace } from "../../api/types";
import { useKeys } from "../../keys/hooks";
import { Button } from "../../kit/button";
import { ConfirmButton } from "../../kit/confirm-button";
import { copy } from "../../kit/copy";
import { Menu, MenuItem, MenuLine } from "../../kit/menu";
import { isEnded, runStatus } from "../../kit/status";
import { useGo } from "../../url/navigation";
import { href, paths, shortRunLink } from "../../url/paths";
import { pathTo } from "../../waterfall";
import { useCancel, useRerun, useResume } from "./actions";
import { writeRunSearch, type RunSearch } from "./params";
import { RerunDialog } from "./rerun-dialog";
import { commandOf, copyFixture, curlOf, download } from "./share";

interface Props {
  run: Run;
  trace: Trace;
  search: RunSearch;
  change: (change: Partial<RunSearch>) => void;
}

const icon = "size-3.5";

export function Actions({ run, trace, search }: Props) {
  const go = useGo();
  const open = (id: string) => void go(paths.run(id));
  const cancel = useCancel(run.id);
  const rerun = useRerun(run.id, open);
  const resume = useResume(run.id, open);
  const [isEditing, setEditing] = useState(false);
  const status = runStatus(run);
  const isOver = isEnded(status);
  // Steps are run again, not their attempts.
  const step = search.step === undefined ? undefined : pathTo(trace.rootSpan, search.step)?.[1];
  const fromStep = step?.stepId === undefined ? undefined : step;
  const link = () => void copy(href(paths.run(run.id, writeRunSearch(search)), { isAbsolute: true }), "link");
  const compare = () => void go(paths.compare(run.id));
  useKeys("Run", [
    { keys: "r", does: "Run it again", run: () => rerun.mutate({}) },
    { keys: "v", does: "Compare it with another run", run: compare },
    { keys: "shift+y", does: "Copy a link to what is shown", run: link },
  ]);

  return (
    <>
      {!isOver && (
        <ConfirmButton
          icon={<Ban aria-hidden className={icon} />}
          again="Press again to cancel"
          isDisabled={cancel.isPending}
          onConfirm={() => cancel.mutate(undefined)}
        >
          Cancel
        </ConfirmButton>
      )}
      <Button
        icon={<GitCompareArrows aria-hidden className={icon} />}
        hint="Compare it with another run"
        keys="v"
        onClick={compare}
      >
        Compare
      </Button>
      <Menu trigger={<Button icon={<Share2 aria-hidden className={icon} />}>Share</Button>}>
        <MenuItem keys="shift+y" onSelect={link}>
          Copy link to this view
        </MenuItem>
        <MenuItem onSelect={() => void copy(shortRunLink(run.id), "link")}>Copy short link</MenuItem>
        <MenuItem keys="y" onSelect={() => void copy(run.id, "run id")}>
          Copy run id
        </MenuItem>
        <MenuLine />
        <MenuItem onSelect={() => void copy(commandOf(run.id), "command")}>Copy as CLI</MenuItem>
        <MenuItem onSelect={() => void copy(curlOf(run.id), "command")}>Copy as curl</MenuItem>
        <MenuItem onSelect={() => void copyFixture(run.id)}>Copy as test: event and step outputs</MenuItem>
        <MenuLine />
        <MenuItem onSelect={() => void download(run.id)}>Export run and trace as JSON</MenuItem>
      </Menu>
      <span className="inline-flex">
        <Button
          look="primary"
          className="rounded-r-none"
          icon={<RotateCw aria-hidden className={icon} />}
          hint="Run it again from the same event"
          keys="r"
          disabled={rerun.isPending}
          onClick={() => rerun.mutate({})}
        >
          Rerun
        </Button>
        <Menu
          trigger={
            <Button
              look="primary"
              className="rounded-l-none border-l border-l-on-accent/30"
              aria-label="More ways to run it again"
              icon={<ChevronDown aria-hidden className={icon} />}
            />
          }
        >
          <MenuItem disabled={status !== "FAILED"} onSelect={() => resume.mutate(undefined)}>
            Resume: keep the steps that succeeded
          </MenuItem>
          <MenuItem disabled={!fromStep || !isOver} onSelect={() => setEditing(true)}>
            {fromStep ? `From step “${shortened(fromStep.name)}”…` : "From a step: select it first"}
          </MenuItem>
        </Menu>
      </span>
      {fromStep && isEditing && (
        <RerunDialog run={run.id} span={fromStep} onClose={() => setEditing(false)} onStarted={open} />
      )}
    </>
  );
}

function shortened(name: string): string {
  return name.length > 40 ? `${name.slice(0, 40)}…` : name;
}
