/** The result of a task on a value: at once if the value is small, else from a worker once it is there. */
import { useEffect, useMemo, useState } from "react";
import { sizeOf } from "./size";
import { perform, type Task } from "./work";

/** Larger values are worked on in a worker. */
export const WORKER_BYTES_MIN = 256 * 1024;

export function useWork<R extends string | string[]>(task: Task | undefined): R | undefined {
  const isLarge = useMemo(
    () =>
      task !== undefined &&
      typeof Worker !== "undefined" &&
      sizeOf(task.value, WORKER_BYTES_MIN) >= WORKER_BYTES_MIN,
    [task],
  );
  const now = useMemo(
    () => (task === undefined || isLarge ? undefined : (perform(task) as R)),
    [task, isLarge],
  );
  const [late, setLate] = useState<{ of: Task; result: R }>();
  useEffect(() => {
    if (!isLarge || task === undefined) return undefined;
    const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
    worker.onmessage = (event: MessageEvent<R>) => setLate({ of: task, result: event.data });
    worker.postMessage(task);
    return () => worker.terminate();
  }, [task, isLarge]);
  return isLarge ? (late?.of === task ? late?.result : undefined) : now;
}
