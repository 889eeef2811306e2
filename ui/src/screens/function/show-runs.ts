/** From a part of a chart to the runs that ended then. */
import { useGo } from "../../url/navigation";
import { paths } from "../../url/paths";

export function useShowRuns(filter: { appId?: string; functionId?: string } = {}) {
  const go = useGo();
  return (from: number, until: number) =>
    void go(
      paths.runs({
        ...filter,
        timeField: "endedAt",
        from: new Date(from).toISOString(),
        until: new Date(until).toISOString(),
      }),
    );
}
