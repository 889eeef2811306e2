/** Why there are no events: none came yet, or none fits. */
import { Button } from "../../kit/button";
import { Empty } from "../../kit/states";
import { rangeWords } from "../../time/range";
import { Link } from "../../url/link";
import { paths } from "../../url/paths";
import { isFiltered, type EventFilter } from "./params";

export function NoEvents({ filter, onClear }: { filter: EventFilter; onClear: () => void }) {
  if (!isFiltered(filter)) {
    return (
      <Empty title="No event was received yet">
        Your app sends them with its SDK. To try it,{" "}
        <Link to={paths.send()} className="text-accent underline">
          send one from here
        </Link>
        .
      </Empty>
    );
  }
  return (
    <Empty title="No event fits">
      <p>
        Looked for events{filter.name !== undefined && ` with the name ${filter.name}`}
        {(filter.since ?? filter.from) !== undefined && `, received ${rangeWords(filter)}`}
        {filter.search !== undefined && ", for which the expression holds"}.
      </p>
      <Button className="mt-3" onClick={onClear}>
        Show all events
      </Button>
    </Empty>
  );
}
