/** A menu of things to do, behind a button. */
import { DropdownMenu } from "radix-ui";
import type { ReactNode } from "react";
import { Keys } from "./hint";

export interface MenuItem {
  text: string;
  note?: string;
  keys?: string;
  isDisabled?: boolean;
  onSelect: () => void;
}

export function Menu({ label, trigger, items }: { label: string; trigger: ReactNode; items: readonly MenuItem[] }) {
  return (
    <DropdownMenu.Root>
      <DropdownMenu.Trigger asChild>{trigger}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          aria-label={label}
          align="end"
          sideOffset={4}
          collisionPadding={8}
          className="z-50 min-w-56 rounded-lg border border-line bg-raised p-1 shadow-panel"
        >
          {items.map((item) => (
            <DropdownMenu.Item
              key={item.text}
              disabled={item.isDisabled ?? false}
              onSelect={item.onSelect}
              className="flex cursor-default items-center gap-4 rounded-md px-2 py-1.5 outline-none data-disabled:opacity-50 data-highlighted:bg-accent-soft"
            >
              <span className="min-w-0 flex-1">
                {item.text}
                {item.note !== undefined && <span className="block text-xs text-ink-soft">{item.note}</span>}
              </span>
              {item.keys !== undefined && <Keys keys={item.keys} className="text-ink-faint" />}
            </DropdownMenu.Item>
          ))}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
