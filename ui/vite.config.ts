import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

/** Where `npm run dev` finds a server. */
const server = process.env["EVERSTEP_URL"] ?? "http://127.0.0.1:8288";
const proxied = Object.fromEntries(
  ["/v1", "/v2", "/dev", "/e", "/health", "/metrics"].map((path) => [path, { target: server, ws: true }]),
);

export default defineConfig(({ command }) => ({
  // Relative, so that the server decides under which path the page lives.
  base: command === "serve" ? "/ui/" : "./",
  plugins: [react(), tailwindcss()],
  build: { target: "es2023", modulePreload: { polyfill: false }, assetsInlineLimit: 0 },
  server: { proxy: proxied },
  test: {
    environment: "jsdom",
    include: ["src/**/*.test.{ts,tsx}"],
    setupFiles: ["src/test-setup.ts"],
    testTimeout: 20_000,
  },
}));
