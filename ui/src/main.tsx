/** Starts the page. */
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { Tooltip } from "radix-ui";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import { queryClient } from "./api/cache";
import "./index.css";
import { router } from "./router";
import { reloadWhenStale } from "./shell/stale";
import { applyTheme } from "./shell/theme";
import { Toasts } from "./shell/toasts";

const root = document.getElementById("root");
if (!root) throw new Error("the page has no place for the dashboard");

applyTheme();
reloadWhenStale();

createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={queryClient}>
      <Tooltip.Provider delayDuration={400}>
        <RouterProvider router={router} />
        <Toasts />
      </Tooltip.Provider>
    </QueryClientProvider>
  </StrictMode>,
);
