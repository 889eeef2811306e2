/** A run for use elsewhere: as a command, as a test, as a file. */
import { toast } from "sonner";
import { queryClient } from "../../api/cache";
import { url } from "../../api/client";
import { queries } from "../../api/queries";
import type { Span } from "../../api/types";
import { copy } from "../../kit/copy";

export function commandOf(run: string): string {
  return `everstep runs trace ${run}`;
}

export function curlOf(run: string): string {
  const address = new URL(
    url(`v2/runs/${encodeURIComponent(run)}/trace`, { includeOutput: true }),
    document.baseURI,
  );
  return `curl -s '${address.href}'`;
}

/** The event of a run, and what each of its steps gave: what a test of the function takes and expects. */
export interface Fixture {
  event: { name: string; data: unknown } | undefined;
  steps: { id: string; name: string; output?: unknown; error?: unknown }[];
  output: unknown;
}

export function fixture(event: { name: string; data?: unknown } | undefined, root: Span): Fixture {
  const steps = (root.children ?? []).filter((span) => span.stepId !== undefined);
  return {
    event: event && { name: event.name, data: event.data ?? {} },
    steps: steps.map(({ stepId = "", name, output, error }) => ({
      id: stepId,
      name,
      ...(error === undefined ? { output: output ?? null } : { error }),
    })),
    output: root.error ?? root.output ?? null,
  };
}

export function copyFixture(run: string): Promise<void> {
  return orTell(async () => {
    const [{ trigger }, { rootSpan }] = await readAll(run);
    const [id] = trigger.eventIds ?? [];
    const event = id === undefined ? undefined : await queryClient.fetchQuery(queries.event(id));
    await copy(JSON.stringify(fixture(event, rootSpan), null, 2), "test");
  });
}

export function download(run: string): Promise<void> {
  return orTell(async () => {
    const [view, trace] = await readAll(run);
    const text = JSON.stringify({ run: view, trace }, null, 2);
    const address = URL.createObjectURL(new Blob([text], { type: "application/json" }));
    const link = document.createElement("a");
    link.href = address;
    link.download = `run-${run}.json`;
    link.click();
    URL.revokeObjectURL(address);
  });
}

async function orTell(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    toast.error(error instanceof Error ? error.message : String(error));
  }
}

function readAll(run: string) {
  return Promise.all([
    queryClient.fetchQuery(queries.run(run)),
    queryClient.fetchQuery(queries.traceWithOutput(run)),
  ]);
}
