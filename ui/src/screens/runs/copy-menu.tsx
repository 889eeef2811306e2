/** What is listed, to take along: as a link, as a request, as a command. */
import { Share2 } from "lucide-react";
import { Button } from "../../kit/button";
import { copy } from "../../kit/copy";
import { Menu, MenuItem } from "../../kit/menu";
import { commandOf, curlOf } from "./commands";
import type { RunFilter } from "./params";

export function CopyMenu({ filter }: { filter: RunFilter }) {
  const command = commandOf(filter);
  return (
    <Menu
      trigger={
        <Button
          look="ghost"
          aria-label="Copy what is listed"
          icon={<Share2 aria-hidden className="size-4" />}
        />
      }
    >
      <MenuItem keys="shift+y" onSelect={() => void copy(location.href, "the link")}>
        Copy the link
      </MenuItem>
      <MenuItem onSelect={() => void copy(curlOf(filter), "the request")}>Copy as curl</MenuItem>
      {command !== undefined && (
        <MenuItem onSelect={() => void copy(command, "the command")}>Copy as a command</MenuItem>
      )}
    </Menu>
  );
}
