// The dashboard's types say more than the server's description of its API (which words a status may be), and nothing else.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { useWorld } from "../harness/use-world.ts";
import { differences, type Schema } from "../harness/types.ts";

/** Types of the dashboard, and the schemas of what they are. What these refer to is looked at with them. */
const TYPES: Record<string, string> = {
  App: "App",
  Attribute: "Attribute",
  AuditEntry: "AuditEntry",
  ErrorGroup: "ErrorGroup",
  Event: "Event",
  FlowSummary: "FlowSummary",
  Function: "Function",
  InvokedRun: "InvokedRun",
  Operation: "BulkOperation",
  OperationPreview: "BulkOperationPreview",
  ProbeReport: "ProbeReport",
  RerunPlan: "RerunPlan",
  Run: "Run",
  RunMetrics: "RunMetrics",
  Schedule: "Schedule",
  Storage: "Storage",
  Sync: "Sync",
  SystemInfo: "System",
  Trace: "Trace",
};

describe("the dashboard's types", () => {
  const world = useWorld({ functions: "scenarios", flavours: [] }, () => undefined);

  it("are those that the server describes", async () => {
    const answer = await fetch(`${world().server.origin}/v2/openapi.json`);
    const { components } = (await answer.json()) as { components: { schemas: Record<string, Schema> } };
    assert.deepEqual(differences("../ui/src/api/types.ts", TYPES, components.schemas), []);
  });
});
