/** One operation: how far it is, what came of it, and stopping it or letting it go on. */
import { queryOptions, useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { queries } from "../../api/queries";
import type { Operation } from "../../api/types";
import { Failed, Loading } from "../../kit/states";
import { useRefetchOn } from "../../live/hooks";
import { usePathParam } from "../../url/navigation";
import { Details } from "./details";
import { KINDS } from "./looks";
import { OperationErrors } from "./operation-errors";
import { OperationHeader } from "./operation-header";
import { OperationRuns } from "./operation-runs";
import { addSample, countedFilter, isOver, totalOf, type Sample } from "./progress";
import { ProgressPanel } from "./progress-panel";

export function OperationScreen() {
  const id = usePathParam("operation");
  const operation = useQuery(queries.operation(id));
  useRefetchOn("operations", [["operation", id]]);
  const title = operation.data && KINDS[operation.data.kind];
  useEffect(() => {
    if (title !== undefined) document.title = `${title} of runs · Everstep`;
  }, [title]);
  if (operation.error && !operation.data)
    return <Failed what="The operation" error={operation.error} retry={operation.refetch} />;
  if (!operation.data) return <Loading what="the operation" />;
  return <Shown key={id} operation={operation.data} at={operation.dataUpdatedAt} />;
}

function Shown({ operation, at }: { operation: Operation; at: number }) {
  const samples = useSamples(operation, at);
  const isDone = operation.state === "COMPLETED";
  const counted = useQuery({ ...totalQuery(operation), enabled: !isDone }).data;
  const total = isDone ? { runs: operation.counts.matched, isExact: true } : counted;
  return (
    <div className="flex flex-col gap-3">
      <OperationHeader operation={operation} />
      <ProgressPanel operation={operation} total={total} samples={samples} />
      <div className="grid items-start gap-3 lg:grid-cols-2">
        <div className="flex min-w-0 flex-col gap-3">
          <OperationErrors operation={operation} />
          <Details operation={operation} />
        </div>
        <OperationRuns operation={operation} />
      </div>
    </div>
  );
}

/** Counted once, beside what was done at that time: what is left gets less while it is being counted again. */
function totalQuery({ id, kind, filter, createdAt }: Operation) {
  return queryOptions({
    queryKey: ["operations", "total", id],
    queryFn: async ({ client }) => {
      const [now, left] = await Promise.all([
        client.fetchQuery({ ...queries.operation(id), staleTime: 0 }),
        client.fetchQuery(queries.operationPreview({ kind, filter: countedFilter({ filter, createdAt }) })),
      ]);
      return totalOf(now, left);
    },
    staleTime: Infinity,
  });
}

/** How many runs it had looked at when: the API tells no rate. */
function useSamples(operation: Operation, at: number): readonly Sample[] {
  const [samples, setSamples] = useState<readonly Sample[]>([]);
  if (samples.at(-1)?.at !== at && !isOver(operation))
    setSamples(addSample(samples, { at, matched: operation.counts.matched }));
  return samples;
}
