// Whatever is sent to the API, it answers as its own description says, and never with an error of the server.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { FLAVOURS } from "../harness/flavours.ts";
import { cleanEnvironment, pythonInterpreter } from "../harness/paths.ts";
import { Process } from "../harness/process.ts";
import { useWorld } from "../harness/use-world.ts";

const APP = FLAVOURS[0]!;

// A status that the description of an operation does not have fails `status_code_conformance`: so 501 will do
// for those alone that say so.
const CONFIG = `
seed = 1
color = false
warnings = false

[generation]
max-examples = 12

[phases.stateful]
enabled = false

[checks]
enabled = false
not_a_server_error = { enabled = true, expected-statuses = ["2xx", "3xx", "4xx", "501"] }
status_code_conformance.enabled = true
content_type_conformance.enabled = true
response_schema_conformance.enabled = true
`;

// How much the generator throws away, and how fast the machine is, say nothing of the API.
const NO_FAULTS = ["--suppress-health-check", "filter_too_much,too_slow"];

describe("the API, fuzzed from its description", () => {
  // The auditor is not asked: it would take the reruns that the fuzzer asks for as doubles.
  const world = useWorld({ functions: "scenarios", flavours: [APP] }, () => undefined);
  const folder = mkdtempSync(join(tmpdir(), "everstep-fuzz-"));
  after(() => rmSync(folder, { recursive: true }));

  /** What paths have names for and a description can't know. */
  let ids: Record<string, string>;
  before(async () => {
    const event = await world().server.api.send({ name: `${APP.name}/sequence`, data: { n: 1 } });
    const [run] = await world().endedRuns(event);
    ids = { app: APP.name, function: `${APP.name}-sequence`, run: run!.run_id, event };
  });

  it("with ids that are made up", () => fuzz(CONFIG, []));

  it("with ids that there are", () => {
    const lines = Object.entries(ids).map(([name, id]) => `"path.${name}" = "${id}"`);
    const names = Object.keys(ids).join("|");
    return fuzz([CONFIG, "[parameters]", ...lines].join("\n"), ["--include-path-regex", `\\{(${names})\\}`]);
  });

  async function fuzz(config: string, chosen: string[]): Promise<void> {
    const file = join(folder, "schemathesis.toml");
    writeFileSync(file, config);
    const { origin } = world().server;
    const run = ["run", `${origin}/v2/openapi.json`, "--url", origin, ...NO_FAULTS, ...chosen];
    const command = ["-m", "schemathesis.cli", "--config-file", file, ...run];
    const options = { cwd: folder, env: cleanEnvironment() };
    const fuzzer = new Process("schemathesis", pythonInterpreter(), command, options);
    const { code } = await fuzzer.exit;
    world().assertAlive();
    assert.equal(code, 0, fuzzer.log());
  }
});
