import { expect, test } from "vitest";
import { parseSamples } from "./samples";

const TEXT = String.raw`# HELP everstep_calls_in_flight Calls to apps under way.
# TYPE everstep_calls_in_flight gauge
everstep_calls_in_flight 3
inngest_steps_running{fn="shop-pay"} 2
inngest_steps_running{fn="odd \"name\" {a}\\n\n"} 1
ended_total{fn="shop-pay",status="failed"} 4
ended_total{fn="shop-ship",status="failed"} 5
ended_total{fn="shop-ship",status="completed"} 60
commit_seconds_bucket{le="+Inf"} 451
`;

test("figures are found by name, and labels as they were written", () => {
  const samples = parseSamples(TEXT);
  expect(samples.value("everstep_calls_in_flight")).toBe(3);
  expect(samples.of("inngest_steps_running")).toEqual([
    { labels: { fn: "shop-pay" }, value: 2 },
    { labels: { fn: 'odd "name" {a}\\n\n' }, value: 1 },
  ]);
  expect(samples.of("commit_seconds_bucket")).toEqual([{ labels: { le: "+Inf" }, value: 451 }]);
});

test("they are added up by labels", () => {
  const samples = parseSamples(TEXT);
  expect(samples.sum("ended_total", { status: "failed" })).toBe(9);
  expect(samples.sum("ended_total")).toBe(69);
  expect(samples.sum("nothing_total")).toBe(0);
});

test("what is not there is not zero, and what is no figure is not read", () => {
  expect(parseSamples("").value("everstep_calls_in_flight")).toBeUndefined();
  expect(parseSamples("# a comment\n\n!?\n").byName.size).toBe(0);
});
