/** From a part of a chart to the runs that ended then. */
import { useNavigate } from "@tanstack/react-router";
import { paths } from "../../url/paths";

export function useShowRuns(filter: { appId?: string; functionId?: string } = {}) {
  const navigate = useNavigate();
  return (from: number, until: number) =>
    void navigate({
      to: paths.runs(),
      search: {
        ...filter,
        timeField: "endedAt",
        from: new Date(from).toISOString(),
        until: new Date(until).toISOString(),
      },
    } as never);
}
