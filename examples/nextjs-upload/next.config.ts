import type { NextConfig } from "next";

// Keeps `next dev` and `next build` off the network. Set here rather than in the npm scripts,
// because `NAME=value command` does not work in every shell.
process.env.NEXT_TELEMETRY_DISABLED = "1";

const config: NextConfig = {
  // The database driver loads a native binary, which no bundler can follow.
  serverExternalPackages: ["@libsql/client", "libsql"],
  // `next dev` serves scripts to localhost only; without this the page is dead on 127.0.0.1.
  allowedDevOrigins: ["127.0.0.1"],
};

export default config;
