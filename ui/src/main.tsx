/** Starts the page. */
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { Tooltip } from "radix-ui";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { Toaster } from "sonner";
import { queryClient } from "./api/cache";
import "./index.css";
import { router } from "./router";

const root = document.getElementById("root");
if (!root) throw new Error("the page has no place for the dashboard");

createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={queryClient}>
      <Tooltip.Provider delayDuration={400}>
        <RouterProvider router={router} />
        <Toaster position="bottom-right" />
      </Tooltip.Provider>
    </QueryClientProvider>
  </StrictMode>,
);
