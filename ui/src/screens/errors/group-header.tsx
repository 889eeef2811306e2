/** The top of a group of errors: what it says, and what can be done about it. */
import { useQuery } from "@tanstack/react-query";
import { RotateCw } from "lucide-react";
import { useState } from "react";
import { queries } from "../../api/queries";
import type { ErrorGroup } from "../../api/types";
import { BulkDialog } from "../../bulk";
import { Button } from "../../kit/button";
import { Fact } from "../../kit/fact";
import { Age } from "../../kit/time";
import { Link } from "../../url/link";
import { paths } from "../../url/paths";
import { Decisions } from "./decisions";
import { ErrorStatus } from "./status";

interface Props {
  group: ErrorGroup;
  onStarted: (operation: string) => void;
}

export function GroupHeader({ group, onStarted }: Props) {
  const [isAsking, setAsking] = useState(false);
  return (
    <header className="flex flex-col gap-1.5">
      <div className="flex flex-wrap items-start gap-x-3 gap-y-2">
        <h1 className="line-clamp-2 min-w-0 flex-1 basis-72 text-lg font-semibold tracking-tight break-words">
          {group.message || group.name || "An error without a message"}
        </h1>
        <div className="ml-auto flex flex-wrap items-center gap-2">
          <Decisions group={group} />
          <Button
            look="primary"
            icon={<RotateCw aria-hidden className="size-3.5" />}
            onClick={() => setAsking(true)}
          >
            Run all again…
          </Button>
        </div>
      </div>
      <dl className="flex flex-wrap items-center gap-x-5 text-ink-soft">
        <dt className="sr-only">State</dt>
        <dd>
          <ErrorStatus group={group} pill />
        </dd>
        {group.name && <Fact name="Kind">{group.name}</Fact>}
        <Fact name="Function">
          <FunctionLink group={group} />
        </Fact>
        {group.step && <Fact name="Step">{group.step}</Fact>}
        <Fact name="Runs">{group.runs.toLocaleString("en-US")}</Fact>
        <Fact name="First seen">
          <Age at={group.firstSeen} />
        </Fact>
        <Fact name="Last seen">
          <Age at={group.lastSeen} />
        </Fact>
        {group.decidedAt && group.status !== "open" && (
          <Fact name="Decided">
            <Age at={group.decidedAt} />
          </Fact>
        )}
      </dl>
      {isAsking && (
        <BulkDialog
          title="Run all of the group again"
          description="For each run that failed with this error a new run is started, in the background."
          kinds={["resume", "replay"]}
          filter={{ errorGroup: group.id, status: ["FAILED"] }}
          onClose={() => setAsking(false)}
          onStarted={(operation) => onStarted(operation.id)}
        />
      )}
    </header>
  );
}

/** Groups know the slug of their function; its address is made of app and id. */
export function FunctionLink({ group }: { group: ErrorGroup }) {
  const functions = useQuery(queries.functions());
  const fn = functions.data?.find((it) => it.slug === group.function);
  if (!fn) return <>{group.function ?? "a function that is no more"}</>;
  return (
    <Link
      to={paths.function(fn.app.id, fn.id)}
      className="inline-flex min-h-6 items-center text-accent hover:underline"
    >
      {fn.name || fn.id}
    </Link>
  );
}
