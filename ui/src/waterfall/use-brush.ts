/** Dragging over an element to choose a part of its width: from 0 to 1. */
import { useState, type PointerEvent } from "react";

/** Less is a click. */
const DRAG_MIN = 4;

interface Drag {
  start: number;
  at: number;
}

export function useBrush(onChoose: (from: number, to: number) => void) {
  const [drag, setDrag] = useState<Drag>();
  const place = (event: PointerEvent<HTMLElement>) => {
    const { left, width } = event.currentTarget.getBoundingClientRect();
    return { x: Math.min(1, Math.max(0, (event.clientX - left) / Math.max(1, width))), width };
  };
  const handlers = {
    onPointerDown: (event: PointerEvent<HTMLElement>) => {
      if (event.button !== 0) return;
      event.currentTarget.setPointerCapture(event.pointerId);
      const { x } = place(event);
      setDrag({ start: x, at: x });
    },
    onPointerMove: (event: PointerEvent<HTMLElement>) => {
      if (drag) setDrag({ ...drag, at: place(event).x });
    },
    onPointerUp: (event: PointerEvent<HTMLElement>) => {
      if (!drag) return;
      const { x, width } = place(event);
      setDrag(undefined);
      if (Math.abs(x - drag.start) * width >= DRAG_MIN)
        onChoose(Math.min(x, drag.start), Math.max(x, drag.start));
    },
    onPointerCancel: () => setDrag(undefined),
  };
  const range = drag && { from: Math.min(drag.start, drag.at), to: Math.max(drag.start, drag.at) };
  return { range, handlers };
}
