/** What the server tells the page when it serves it. */
export interface Boot {
  /** How the server runs. */
  mode: "dev" | "start";
  version: string;
  /** Where the page lives, with a slash at both ends. */
  basePath: string;
  /** Where the API lives, with a slash at the end. */
  apiBase: string;
}

function read(): Boot {
  const text = document.getElementById("boot")?.textContent ?? "{}";
  const boot = JSON.parse(text) as Partial<Boot>;
  return {
    mode: boot.mode ?? "dev",
    version: boot.version ?? "",
    basePath: boot.basePath ?? "/ui/",
    apiBase: boot.apiBase ?? "/",
  };
}

export const boot = read();
