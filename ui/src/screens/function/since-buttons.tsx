/** How far back charts reach: one of a few. */
import { Button } from "../../kit/button";
import { SINCE, type Since } from "./params";

export function SinceButtons({ since, onChange }: { since: Since; onChange: (since: Since) => void }) {
  return (
    <div role="group" aria-label="Time of the charts" className="flex gap-1">
      {SINCE.map((it) => (
        <Button
          key={it}
          look="ghost"
          className="h-6 px-2 aria-pressed:bg-accent-soft aria-pressed:text-ink"
          aria-pressed={it === since}
          onClick={() => onChange(it)}
        >
          {it}
        </Button>
      ))}
    </div>
  );
}
