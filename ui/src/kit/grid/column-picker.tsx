/** Which columns are shown: a menu at the end of the heads. */
import { Columns3 } from "lucide-react";
import { Button } from "../button";
import { Menu, MenuCheck } from "../menu";
import { isChosen, type Column } from "./columns";

interface Props<T> {
  columns: readonly Column<T>[];
  choices: ReadonlyMap<string, boolean>;
  width: number;
  onChoose: (id: string, isShown: boolean) => void;
}

export function ColumnPicker<T>({ columns, choices, width, onChoose }: Props<T>) {
  return (
    <Menu
      trigger={
        <Button
          look="ghost"
          aria-label="Columns"
          className="!absolute top-0.5 right-1 z-20"
          icon={<Columns3 aria-hidden className="size-3.5" />}
        />
      }
    >
      {columns
        .filter((column) => column.choice !== undefined)
        .map((column) => (
          <MenuCheck
            key={column.id}
            isChecked={isChosen(column, choices)}
            onChange={(isShown) => onChoose(column.id, isShown)}
            {...((column.from ?? 0) > width ? { note: "where it is wider" } : {})}
          >
            {column.title}
          </MenuCheck>
        ))}
    </Menu>
  );
}
