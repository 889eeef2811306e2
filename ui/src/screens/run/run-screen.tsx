/** A run: what it is, why it waits or how it ended, its steps, and all that is known of the one that is selected. */
import { useQuery } from "@tanstack/react-query";
import { queries } from "../../api/queries";
import { Panel } from "../../kit/panel";
import { Split } from "../../kit/split";
import { Failed, Loading } from "../../kit/states";
import { useRefetchOn } from "../../live/hooks";
import { Waterfall } from "../../waterfall";
import { Inspector } from "./inspector";
import { RunHeader } from "./header";
import { useRunId, useRunSearch } from "./params";
import { WhyBar } from "./why-bar";

export function RunScreen() {
  const id = useRunId();
  // Another run is another page: nothing of how one looked at the last is kept.
  return <RunDetail key={id} id={id} />;
}

function RunDetail({ id }: { id: string }) {
  const [search, change] = useRunSearch();
  const run = useQuery(queries.run(id));
  const trace = useQuery(queries.trace(id));
  useRefetchOn(`run:${id}`, [["run", id]]);
  const failure = run.error ?? trace.error;
  if (failure && (!run.data || !trace.data)) {
    const again = () => Promise.all([run.refetch(), trace.refetch()]);
    return <Failed what="The run" error={failure} retry={() => void again()} />;
  }
  if (!run.data || !trace.data) return <Loading what="the run" />;
  const root = trace.data.rootSpan;
  return (
    <div className="flex min-h-full flex-col gap-3 lg:h-full lg:min-h-0">
      <RunHeader run={run.data} trace={trace.data} search={search} change={change} />
      <WhyBar run={run.data} />
      <Split
        label="Width of the inspector"
        setting="inspector"
        width={440}
        first={
          <Panel className="h-[28rem] flex-1 overflow-hidden lg:h-auto">
            <Waterfall
              trace={trace.data}
              selected={search.step ?? root.id}
              onSelect={(step) => change({ step: step === root.id ? undefined : step })}
              view={search.view}
              onView={(view) => change({ view })}
              isCritical={search.isCritical}
              onCritical={(isCritical) => change({ isCritical })}
            />
          </Panel>
        }
        second={
          <Inspector
            run={run.data}
            trace={trace.data}
            step={search.step}
            tab={search.tab}
            onTab={(tab) => change({ tab })}
            onStep={(step) => change({ step, tab: undefined })}
          />
        }
      />
    </div>
  );
}
