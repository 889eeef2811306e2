/**
 * Two parts beside each other with a divider to drag, or to move with the arrow keys; how wide the second is, is kept.
 * On narrow screens one is above the other.
 */
import { useRef, type KeyboardEvent, type PointerEvent, type ReactNode } from "react";
import { useSetting } from "../settings";

const STEP = 24;
const WIDTH_MIN = 300;
/** What the first part keeps. */
const REST_MIN = 360;

interface Props {
  /** What the divider is called, and under what its place is kept. */
  label: string;
  setting: string;
  width: number;
  first: ReactNode;
  /** Without it the first has all of the place. */
  second: ReactNode | undefined;
}

export function Split({ label, setting, width: initial, first, second }: Props) {
  const area = useRef<HTMLDivElement>(null);
  const [kept, keep] = useSetting(setting);
  const width = Number(kept) >= WIDTH_MIN ? Number(kept) : initial;
  const set = (next: number) => {
    const most = (area.current?.clientWidth ?? next) - REST_MIN;
    keep(String(Math.round(Math.max(WIDTH_MIN, Math.min(next, most)))));
  };
  const drag = (event: PointerEvent<HTMLDivElement>) => {
    if (!event.currentTarget.hasPointerCapture(event.pointerId)) return;
    const right = area.current?.getBoundingClientRect().right ?? 0;
    set(right - event.clientX);
  };
  const press = (event: KeyboardEvent) => {
    if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
    event.preventDefault();
    set(width + (event.key === "ArrowLeft" ? STEP : -STEP));
  };
  return (
    <div ref={area} className="flex min-h-0 flex-1 flex-col gap-3 lg:flex-row lg:gap-0">
      <div className="flex min-h-80 min-w-0 flex-1 flex-col lg:min-h-0">{first}</div>
      {second !== undefined && (
        <>
          <div
            role="separator"
            aria-label={label}
            aria-orientation="vertical"
            aria-valuenow={width}
            aria-valuemin={WIDTH_MIN}
            tabIndex={0}
            onKeyDown={press}
            onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
            onPointerMove={drag}
            className="group hidden w-3 shrink-0 cursor-col-resize touch-none justify-center lg:flex"
          >
            <span className="h-full w-0.5 rounded-full group-hover:bg-line-strong/60" />
          </div>
          <div
            className="flex min-h-96 min-w-0 flex-col max-lg:!w-full lg:min-h-0 lg:max-w-[60%]"
            style={{ width }}
          >
            {second}
          </div>
        </>
      )}
    </div>
  );
}
