/** Why there are no runs: none was started yet, or none fits. */
import { Button } from "../../kit/button";
import { Empty } from "../../kit/states";
import { Link } from "../../url/link";
import { paths } from "../../url/paths";
import { isFiltered, type RunFilter } from "./params";
import { filterWords } from "./words";

export function NoRuns({ filter, onClear }: { filter: RunFilter; onClear: () => void }) {
  if (!isFiltered(filter)) {
    return (
      <Empty title="No run was started yet">
        Events start runs of the functions that they trigger. To try it,{" "}
        <Link to={paths.send()} className="text-accent underline">
          send an event from here
        </Link>
        .
      </Empty>
    );
  }
  return (
    <Empty title="No run fits">
      <p className="break-words">Looked for {filterWords(filter)}.</p>
      <Button className="mt-3" onClick={onClear}>
        Show all runs
      </Button>
    </Empty>
  );
}
