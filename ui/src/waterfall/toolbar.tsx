/** The buttons of the waterfall. */
import { ChevronsDownUp, ChevronsUpDown, FoldHorizontal, Route, Scan, ZoomIn, ZoomOut } from "lucide-react";
import { Button } from "../kit/button";

const icon = "size-4";

interface Props {
  hasGaps: boolean;
  areGapsOpen: boolean;
  isCritical: boolean;
  isZoomed: boolean;
  onExpand: () => void;
  onCollapse: () => void;
  onGaps: () => void;
  onCritical: () => void;
  /** 0 is the whole run. */
  onZoom: (factor: number) => void;
}

export function Toolbar(props: Props) {
  const pressed = "aria-pressed:bg-accent-soft aria-pressed:text-ink";
  return (
    <div className="flex h-10 shrink-0 items-center gap-0.5 border-b border-line px-2">
      <h2 className="min-w-0 flex-1 truncate px-1 font-semibold">Steps</h2>
      <Button
        look="ghost"
        aria-label="Expand all"
        hint="Expand all"
        keys="e"
        icon={<ChevronsUpDown aria-hidden className={icon} />}
        onClick={props.onExpand}
      />
      <Button
        look="ghost"
        aria-label="Collapse all"
        hint="Collapse all"
        keys="w"
        icon={<ChevronsDownUp aria-hidden className={icon} />}
        onClick={props.onCollapse}
      />
      <span aria-hidden className="mx-1 h-4 border-l border-line" />
      <Button
        look="ghost"
        className={pressed}
        aria-pressed={props.isCritical}
        aria-label="Critical path"
        hint="Critical path: dim the steps that did not make the run longer"
        icon={<Route aria-hidden className={icon} />}
        onClick={props.onCritical}
      />
      {props.hasGaps && (
        <Button
          look="ghost"
          className={pressed}
          aria-pressed={!props.areGapsOpen}
          aria-label="Collapse idle gaps"
          hint="Collapse idle gaps"
          keys="i"
          icon={<FoldHorizontal aria-hidden className={icon} />}
          onClick={props.onGaps}
        />
      )}
      <span aria-hidden className="mx-1 h-4 border-l border-line" />
      <Button
        look="ghost"
        aria-label="Zoom out"
        hint="Zoom out"
        keys="-"
        disabled={!props.isZoomed}
        icon={<ZoomOut aria-hidden className={icon} />}
        onClick={() => props.onZoom(2)}
      />
      <Button
        look="ghost"
        aria-label="Zoom in"
        hint="Zoom in"
        keys="+"
        icon={<ZoomIn aria-hidden className={icon} />}
        onClick={() => props.onZoom(0.5)}
      />
      <Button
        look="ghost"
        aria-label="Whole run"
        hint="Whole run"
        keys="0"
        disabled={!props.isZoomed}
        icon={<Scan aria-hidden className={icon} />}
        onClick={() => props.onZoom(0)}
      />
    </div>
  );
}
