/** How all of it is doing: what needs somebody, how runs went, what failed last; or, on a new server, the first steps. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { queries } from "../../api/queries";
import { runSeries, TimeChart } from "../../kit/charts";
import { Heading } from "../../kit/panel";
import { useSince, type Since } from "../function/params";
import { useShowRuns } from "../function/show-runs";
import { SinceButtons } from "../function/since-buttons";
import { useFreshMetrics } from "../functions/live";
import { AttentionPanel } from "./attention-panel";
import { OnboardingPanel } from "./onboarding-panel";
import { RecentFailures } from "./recent-failures";
import { Tiles } from "./tiles";
import { useOnboarding } from "./use-onboarding";

export function OverviewScreen() {
  const { steps, isShown, isPending } = useOnboarding();
  const [since, setSince] = useSince();
  useFreshMetrics();
  // What is empty is not drawn: the first steps are in its place.
  const hasData =
    !isPending && (steps?.some(({ id, isDone }) => isDone && (id === "event" || id === "run")) ?? true);
  return (
    <div className="flex flex-col gap-3">
      <Heading title="Overview">{hasData && <SinceButtons since={since} onChange={setSince} />}</Heading>
      {isShown && steps && <OnboardingPanel steps={steps} />}
      {hasData && (
        <>
          <Tiles since={since} />
          <div className="grid items-start gap-3 lg:grid-cols-[minmax(0,1fr)_minmax(0,28rem)]">
            <div className="flex min-w-0 flex-col gap-3">
              <AllRuns since={since} />
              <RecentFailures />
            </div>
            <div className="min-w-0 max-lg:order-first">
              <AttentionPanel since={since} />
            </div>
          </div>
        </>
      )}
    </div>
  );
}

function AllRuns({ since }: { since: Since }) {
  const { data } = useQuery({ ...queries.metrics({ from: since }), placeholderData: keepPreviousData });
  const series = useMemo(() => runSeries(data), [data]);
  const onRange = useShowRuns();
  return (
    <TimeChart
      title="Runs that ended"
      look="bars"
      spans={data && series.spans}
      series={series.ends}
      height={180}
      onRange={onRange}
    />
  );
}
