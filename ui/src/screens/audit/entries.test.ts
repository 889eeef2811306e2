import { expect, test } from "vitest";
import type { AuditEntry } from "../../api/types";
import { actionWord, errorGroupOf, KNOWN_ACTIONS, restText } from "./entries";

const entry = (values: Partial<AuditEntry> = {}): AuditEntry => ({
  id: "01",
  at: "2026-11-29T00:00:00Z",
  action: "limit.override",
  target: {},
  ...values,
});

test("what is done is said in words; what is not known is shown as it is", () => {
  expect(actionWord("run.cancel")).toBe("Cancelled a run");
  expect(actionWord("key.rotate")).toBe("key.rotate");
  expect(KNOWN_ACTIONS).toContain("step.answer");
});

test("details without what has a place of its own", () => {
  const detail = { limit: "throttle", value: 30, reason: "sale", step: "a", operation: "b", errorGroup: "c" };
  expect(restText(entry({ detail }))).toBe("limit: throttle, value: 30");
  expect(errorGroupOf(entry({ detail }))).toBe("c");
  expect(restText(entry())).toBe("");
  expect(errorGroupOf(entry())).toBeUndefined();
});
