/** Short messages at the corner. */
import { Toaster } from "sonner";
import { useTheme } from "./theme";

export function Toasts() {
  const [theme] = useTheme();
  return (
    <Toaster
      theme={theme}
      position="bottom-right"
      toastOptions={{
        unstyled: true,
        classNames: {
          toast:
            "flex w-90 items-center gap-2.5 rounded-lg border border-line bg-raised px-3 py-2.5 text-[13px] text-ink shadow-panel",
          description: "text-ink-soft",
          success: "[&_[data-icon]]:text-ok",
          error: "[&_[data-icon]]:text-bad",
          actionButton: "ml-auto shrink-0 rounded-md border border-line-strong/50 px-2 h-7 hover:bg-sunken",
        },
      }}
    />
  );
}
