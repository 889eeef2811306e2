/** What user code noted of a run or a step. */
import type { Span } from "../../api/types";
import { Facts } from "../../kit/panel";
import { Age } from "../../kit/time";

export function MetadataView({ items }: { items: NonNullable<Span["metadata"]> }) {
  return (
    <div className="flex flex-col gap-4 p-3">
      {items.map((item, i) => (
        <section key={i} className="flex flex-col gap-1.5">
          <h3 className="flex items-baseline gap-2 font-medium">
            {item.kind}
            <span className="text-xs font-normal text-ink-faint">
              {item.scope} · <Age at={item.updatedAt} />
            </span>
          </h3>
          <Facts
            items={Object.entries(item.values).map(([name, value]) => [
              name,
              <code key={name}>{value}</code>,
            ])}
          />
        </section>
      ))}
    </div>
  );
}
