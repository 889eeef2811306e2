/** Copying works on plain HTTP, too, where the browser has no clipboard API. */
import { toast } from "sonner";

export async function copy(text: string, what: string): Promise<void> {
  if ((await byApi(text)) || bySelection(text)) toast.success(`Copied ${what}`);
  else toast.error(`${what} could not be copied`);
}

async function byApi(text: string): Promise<boolean> {
  try {
    // eslint-disable-next-line no-restricted-syntax -- the fallback is below
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

function bySelection(text: string): boolean {
  const area = document.createElement("textarea");
  area.value = text;
  area.style.position = "fixed";
  area.style.opacity = "0";
  document.body.append(area);
  area.select();
  const isCopied = document.execCommand("copy");
  area.remove();
  return isCopied;
}
