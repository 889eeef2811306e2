/** What can be done with an event: send it again, as it is or edited, and copy it for use elsewhere. */
import { Pencil, Repeat2, Share2 } from "lucide-react";
import { toast } from "sonner";
import type { EventRecord } from "../../api/types";
import { useKeys } from "../../keys/hooks";
import { Button } from "../../kit/button";
import { copy } from "../../kit/copy";
import { Menu, MenuItem, MenuLine } from "../../kit/menu";
import { useGo } from "../../url/navigation";
import { href, paths } from "../../url/paths";
import { commandOf, curlOf } from "../send/commands";
import { draftOf, readDraft } from "../send/draft";
import { useSend } from "../send/sending";

const icon = "size-3.5";

export function Actions({ event }: { event: EventRecord }) {
  const go = useGo();
  // Nothing, if it is the server's own and can't be sent.
  const body = readDraft(draftOf(event)).event;
  const sending = useSend(({ events: [sent], error }) => {
    if (error) toast.error(error.message);
    if (!sent) return;
    const open = () => void go(paths.event(sent.eventId));
    toast.success("Sent again, as a new event", { action: { label: "Open it", onClick: open } });
  });
  const resend = () => body && !sending.isPending && sending.mutate([body]);
  const edit = () => body && void go(paths.send({ event: event.internal_id }));
  const link = () => void copy(href(paths.event(event.internal_id), { isAbsolute: true }), "link");
  useKeys("Event", [
    { keys: "r", does: "Send it again", run: () => (body ? resend() : false) },
    { keys: "e", does: "Edit and send it", run: () => (body ? edit() : false) },
  ]);
  return (
    <>
      <Menu trigger={<Button icon={<Share2 aria-hidden className={icon} />}>Share</Button>}>
        <MenuItem onSelect={link}>Copy link</MenuItem>
        <MenuItem keys="y" onSelect={() => void copy(event.internal_id, "event id")}>
          Copy event id
        </MenuItem>
        <MenuLine />
        {body && (
          <>
            <MenuItem onSelect={() => void copy(commandOf([body]), "command")}>Copy as CLI: send it</MenuItem>
            <MenuItem onSelect={() => void copy(curlOf([body]), "command")}>Copy as curl: send it</MenuItem>
          </>
        )}
        <MenuItem onSelect={() => void copy(`everstep events explain ${event.internal_id}`, "command")}>
          Copy as CLI: explain it
        </MenuItem>
      </Menu>
      {body && (
        <>
          <Button
            icon={<Pencil aria-hidden className={icon} />}
            hint="Edit it and send it as a new event"
            keys="e"
            onClick={edit}
          >
            Edit and send
          </Button>
          <Button
            look="primary"
            icon={<Repeat2 aria-hidden className={icon} />}
            hint="Send it again, as a new event: every function that matches runs"
            keys="r"
            disabled={sending.isPending}
            onClick={resend}
          >
            Send again
          </Button>
        </>
      )}
    </>
  );
}
