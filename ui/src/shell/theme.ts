/** Light or dark: as was set, or as the system has it. */
import { useEffect } from "react";
import { settings, useSetting } from "../settings";

export type Theme = "light" | "dark" | "system";

const dark = window.matchMedia("(prefers-color-scheme: dark)");

const read = (value: string | undefined): Theme => (value === "light" || value === "dark" ? value : "system");

export function applyTheme(): void {
  const theme = read(settings.get("theme"));
  document.documentElement.dataset["theme"] = theme === "system" ? (dark.matches ? "dark" : "light") : theme;
}

export function useTheme(): [Theme, (theme: Theme) => void] {
  const [value, set] = useSetting("theme");
  return [read(value), set];
}

/** Applies it whenever it changes. */
export function useThemeOfPage(): void {
  useEffect(() => {
    applyTheme();
    dark.addEventListener("change", applyTheme);
    const forget = settings.watch(applyTheme);
    return () => {
      dark.removeEventListener("change", applyTheme);
      forget();
    };
  }, []);
}
