// Where things are; what is missing is reported before any test starts.

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The folder `e2e`. */
export const E2E = fileURLToPath(new URL("..", import.meta.url));

export function serverBinary(): string {
  return existing("the server binary", "EVERSTEP_BIN", "build it with `cargo build`", [
    `${E2E}../target/debug/everstep`,
    `${E2E}../target/release/everstep`,
  ]);
}

export function pythonInterpreter(): string {
  return existing("the Python interpreter", "E2E_PYTHON", "see README.md for how to create the environment", [
    `${E2E}.venv/bin/python`,
  ]);
}

let goAppBuilt = false;

/** Builds it, unless it is as new as its sources, which takes next to nothing. `npm test` has done so before. */
export function goApp(): string {
  if (!goAppBuilt) {
    const build = spawnSync("npm", ["run", "--silent", "build"], { cwd: E2E, encoding: "utf8" });
    if (build.status !== 0) {
      throw new Error(`the Go app cannot be built with \`npm run build\`: ${build.error ?? `\n${build.stderr}${build.stdout}`}`);
    }
    goAppBuilt = true;
  }
  return `${E2E}../target/e2e/go-app`;
}

function existing(what: string, variable: string, advice: string, defaults: string[]): string {
  const chosen = process.env[variable];
  const candidates = chosen === undefined ? defaults : [chosen];
  const found = candidates.find((path) => existsSync(path));
  if (found !== undefined) return found;
  throw new Error(`${what} is not at ${candidates.join(" nor ")}: ${advice}, or set ${variable}`);
}

/** Our environment without anything that could lead an SDK or the server elsewhere. */
export function cleanEnvironment(extra: Record<string, string> = {}): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(INNGEST|EVERSTEP|E2E|NODE_ENV|NODE_OPTIONS|NODE_TEST_CONTEXT|PORT$)/.test(name),
  );
  return { ...Object.fromEntries(inherited), ...extra };
}
