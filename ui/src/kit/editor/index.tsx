/** Editors of JSON. Their code is large, and comes when the first of them is shown. */
import { lazy, Suspense, type ComponentProps } from "react";

const LazyEditor = lazy(async () => ({ default: (await import("./json-editor")).JsonEditor }));
const LazyMerge = lazy(async () => ({ default: (await import("./merge-view")).MergeView }));

export function JsonEditor(props: ComponentProps<typeof LazyEditor>) {
  return (
    <Suspense fallback={<Coming />}>
      <LazyEditor {...props} />
    </Suspense>
  );
}

/** Two texts beside each other, with what differs. */
export function MergeView(props: ComponentProps<typeof LazyMerge>) {
  return (
    <Suspense fallback={<Coming />}>
      <LazyMerge {...props} />
    </Suspense>
  );
}

function Coming() {
  return (
    <div role="status" aria-label="Loading the editor" className="min-h-40 flex-1 animate-pulse bg-sunken" />
  );
}
