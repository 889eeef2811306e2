/** What can be done to the run: run it again, cancel it, compare and share it. */
import { useNavigate } from "@tanstack/react-router";
import { Ban, ChevronDown, GitCompareArrows, RotateCw, Share2 } from "lucide-react";
import { useState } from "react";
import type { Run, Trace } from "../../api/types";
import { useKeys } from "../../keys/hooks";
import { Button } from "../../kit/button";
import { ConfirmButton } from "../../kit/confirm-button";
import { copy } from "../../kit/copy";
import { Menu } from "../../kit/menu";
import { isEnded, runStatus } from "../../kit/status";
import { href, paths, shortRunLink } from "../../url/paths";
import { pathTo } from "../../waterfall";
import { useCancel, useRerun, useResume } from "./actions";
import { writeRunSearch, type RunSearch } from "./params";
import { RerunDialog } from "./rerun-dialog";
import { commandOf, curlOf, download, fixtureOf } from "./share";

interface Props {
  run: Run;
  trace: Trace;
  search: RunSearch;
  change: (change: Partial<RunSearch>) => void;
}

const icon = "size-3.5";

export function Actions({ run, trace, search }: Props) {
  const navigate = useNavigate();
  const open = (id: string) => void navigate({ to: paths.run(id) });
  const cancel = useCancel(run.id);
  const rerun = useRerun(run.id, open);
  const resume = useResume(run.id, open);
  const [isEditing, setEditing] = useState(false);
  const status = runStatus(run);
  const isOver = isEnded(status);
  // Steps are run again, not their attempts.
  const step = search.step === undefined ? undefined : pathTo(trace.rootSpan, search.step)?.[1];
  const fromStep = step?.stepId === undefined ? undefined : step;
  const link = () => void copy(href(paths.run(run.id), writeRunSearch(search), { isAbsolute: true }), "link");
  const compare = () => void navigate({ to: paths.compare(run.id) });
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
      <Button icon={<GitCompareArrows aria-hidden className={icon} />} hint="Compare it with another run" keys="v" onClick={compare}>
        Compare
      </Button>
      <Menu
        label="Share"
        trigger={<Button icon={<Share2 aria-hidden className={icon} />}>Share</Button>}
        items={[
          { text: "Copy link", note: "With what is selected and shown", keys: "Y", onSelect: link },
          { text: "Copy short link", onSelect: () => void copy(shortRunLink(run.id), "link") },
          { text: "Copy run id", keys: "y", onSelect: () => void copy(run.id, "run id") },
          { text: "Copy as CLI", onSelect: () => void copy(commandOf(run.id), "command") },
          { text: "Copy as curl", onSelect: () => void copy(curlOf(run.id), "command") },
          { text: "Copy as test", note: "Its event, and what its steps gave", onSelect: () => void fixtureOf(run.id).then((text) => copy(text, "test")) },
          { text: "Export as JSON", note: "The run with its trace", onSelect: () => void download(run.id) },
        ]}
      />
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
          label="Ways to run it again"
          trigger={
            <Button
              look="primary"
              className="rounded-l-none border-l border-l-on-accent/30"
              aria-label="More ways to run it again"
              icon={<ChevronDown aria-hidden className={icon} />}
            />
          }
          items={[
            {
              text: "Resume",
              note: "Keep the steps that succeeded",
              isDisabled: status !== "FAILED",
              onSelect: () => resume.mutate(undefined),
            },
            {
              text: fromStep ? `From step “${fromStep.name}”…` : "From a step…",
              note: isOver ? (fromStep ? "With its input edited, if you like" : "Select the step first") : "Once the run has ended",
              isDisabled: !fromStep || !isOver,
              onSelect: () => setEditing(true),
            },
          ]}
        />
      </span>
      {fromStep && isEditing && (
        <RerunDialog run={run.id} span={fromStep} onClose={() => setEditing(false)} onStarted={open} />
      )}
    </>
  );
}
