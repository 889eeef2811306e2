/** What was done to many runs at once, newest first. */
import { queries } from "../../api/queries";
import type { Operation } from "../../api/types";
import { ListGrid, useList } from "../../kit/grid";
import { Heading, Panel } from "../../kit/panel";
import { Empty } from "../../kit/states";
import { useRefetchOn } from "../../live/hooks";
import { Link } from "../../url/link";
import { paths } from "../../url/paths";
import { COLUMNS } from "./columns";

export function OperationsScreen() {
  const query = queries.operations();
  const list = useList<Operation>(query);
  useRefetchOn("operations", [query.queryKey]);
  return (
    <div className="flex h-full min-h-0 flex-col gap-3">
      <Heading title="Operations" note={<span className="max-sm:hidden">done to many runs at once</span>} />
      <Panel className="min-h-72 flex-1 overflow-hidden">
        <ListGrid
          name="operations"
          label="Operations"
          what="operations"
          list={list}
          columns={COLUMNS}
          link={(operation) => paths.operation(operation.id)}
          empty={
            <Empty title="Nothing was done to many runs yet">
              Select{" "}
              <Link to={paths.runs()} className="text-accent underline">
                runs
              </Link>
              , or an error, to cancel them or to run them again.
            </Empty>
          }
        />
      </Panel>
    </div>
  );
}
