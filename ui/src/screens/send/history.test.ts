import { expect, test } from "vitest";
import { readHistory, writeHistory, type Sending } from "./history";

const sending = (at: string, data = {}): Sending => ({
  at,
  events: [{ eventId: `E${at}`, name: "a", data }],
});

test("is read as it is written", () => {
  const sendings = [sending("2"), sending("1")];
  expect(readHistory(writeHistory(sendings))).toEqual(sendings);
});

test.each([undefined, "", "{", "{}", "null", '[{"at": 1}]', '[{"at": "1", "events": [{}]}]', "[null]"])(
  "%j is no history",
  (text) => expect(readHistory(text)).toEqual([]),
);

test("keeps the newest fifty", () => {
  const sendings = Array.from({ length: 60 }, (_, i) => sending(String(i)));
  expect(readHistory(writeHistory(sendings))).toEqual(sendings.slice(0, 50));
});

test("keeps what there is room for", () => {
  const large = { text: "x".repeat(200_000) };
  const sendings = [sending("3", large), sending("2", large), sending("1", large)];
  expect(readHistory(writeHistory(sendings)).map((it) => it.at)).toEqual(["3", "2"]);
});
