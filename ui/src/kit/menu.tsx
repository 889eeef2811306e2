/** A menu behind a button. */
import { Check } from "lucide-react";
import { DropdownMenu } from "radix-ui";
import type { ReactNode } from "react";
import { label } from "../keys/notation";
import { Keys } from "./hint";

const ITEM =
  "flex h-7 cursor-default items-center gap-2 rounded px-2 outline-none select-none data-[disabled]:opacity-50 data-[highlighted]:bg-sunken";

export function Menu({
  trigger,
  children,
  align = "end",
}: {
  trigger: ReactNode;
  children: ReactNode;
  align?: "start" | "end";
}) {
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger asChild>{trigger}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          align={align}
          sideOffset={4}
          collisionPadding={8}
          className="z-50 min-w-44 rounded-lg border border-line bg-raised p-1 text-ink shadow-panel"
        >
          {children}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

interface ItemProps {
  icon?: ReactNode;
  keys?: string;
  isDanger?: boolean;
  disabled?: boolean;
  /** Such as how many there are. */
  note?: string | undefined;
  onSelect: () => void;
  children: ReactNode;
}

export function MenuItem({
  icon,
  keys,
  isDanger = false,
  disabled = false,
  note,
  onSelect,
  children,
}: ItemProps) {
  return (
    <DropdownMenu.Item
      disabled={disabled}
      onSelect={onSelect}
      className={`${ITEM} ${isDanger ? "text-bad" : ""}`}
    >
      <span className="flex size-4 items-center justify-center">{icon}</span>
      <span className="flex-1">{children}</span>
      {note !== undefined && <span className="text-xs text-ink-faint"> {note}</span>}
      {keys !== undefined && <Keys keys={label(keys)} className="text-ink-faint" />}
    </DropdownMenu.Item>
  );
}

interface ChoiceProps<T extends string> {
  title: string;
  value: T;
  onChange: (value: T) => void;
  options: readonly { value: T; word: string; note?: string }[];
}

/** One of several. */
export function MenuChoice<T extends string>({ title, value, onChange, options }: ChoiceProps<T>) {
  return (
    <DropdownMenu.RadioGroup value={value} onValueChange={(next) => onChange(next as T)}>
      <MenuTitle>{title}</MenuTitle>
      {options.map((option) => (
        <DropdownMenu.RadioItem
          key={option.value}
          value={option.value}
          onSelect={(event) => event.preventDefault()}
          className={ITEM}
        >
          <span className="flex size-4 items-center justify-center">
            <DropdownMenu.ItemIndicator>
              <Check aria-hidden className="size-3.5 text-accent" />
            </DropdownMenu.ItemIndicator>
          </span>
          <span className="flex-1">{option.word}</span>
          {option.note !== undefined && <span className="text-xs text-ink-faint">{option.note}</span>}
        </DropdownMenu.RadioItem>
      ))}
    </DropdownMenu.RadioGroup>
  );
}

interface CheckProps {
  isChecked: boolean;
  onChange: (isChecked: boolean) => void;
  note?: string;
  children: ReactNode;
}

/** Something that is on or off; the menu stays open. */
export function MenuCheck({ isChecked, onChange, note, children }: CheckProps) {
  return (
    <DropdownMenu.CheckboxItem
      checked={isChecked}
      onCheckedChange={onChange}
      onSelect={(event) => event.preventDefault()}
      className={ITEM}
    >
      <span className="flex size-4 items-center justify-center">
        <DropdownMenu.ItemIndicator>
          <Check aria-hidden className="size-3.5 text-accent" />
        </DropdownMenu.ItemIndicator>
      </span>
      <span className="flex-1">{children}</span>
      {note !== undefined && <span className="text-xs text-ink-faint">{note}</span>}
    </DropdownMenu.CheckboxItem>
  );
}

export function MenuTitle({ children }: { children: ReactNode }) {
  return (
    <DropdownMenu.Label className="px-2 pt-1.5 pb-1 text-xs text-ink-faint">{children}</DropdownMenu.Label>
  );
}

export function MenuLine() {
  return <DropdownMenu.Separator className="-mx-1 my-1 h-px bg-line" />;
}
