import { describe, expect, test } from "vitest";
import type { EventExplanation, Function, Trigger } from "../../api/types";
import { evaluations, pulls } from "./evaluation";

const fn = (triggers: Trigger[]): Function => ({
  id: "f",
  name: "F",
  slug: "app-f",
  app: { id: "app" },
  triggers,
  configuration: {},
});
const on = (value: string, condition?: string): Trigger => ({
  type: "EVENT",
  value,
  ...(condition === undefined ? {} : { if: condition }),
});

type Outcome = NonNullable<EventExplanation["functions"]>[number];

function evaluated(outcome: Partial<Outcome>, triggers: Trigger[]) {
  const whole: Outcome = { function: "app-f", functionId: "1", text: "", ...outcome };
  const explanation = { eventId: "E", name: "shop/paid", summary: "", functions: [whole] };
  return evaluations(explanation, [fn(triggers)])[0];
}

describe("evaluations", () => {
  const run = { runId: "R", status: "Completed" };

  test("a run without a condition", () => {
    expect(evaluated({ runs: [run] }, [on("shop/paid")])?.verdict).toBe("unconditional");
  });

  test("a run under a condition: it held", () => {
    const { verdict, conditions } =
      evaluated({ runs: [run] }, [on("shop/paid", "a"), on("other", "b")]) ?? {};
    expect({ verdict, conditions }).toEqual({ verdict: "true", conditions: ["a"] });
  });

  test("one trigger without a condition is enough", () => {
    expect(evaluated({ runs: [run] }, [on("shop/paid", "a"), on("shop/*")])?.verdict).toBe("unconditional");
  });

  test("the condition did not hold: it is shown as it was then", () => {
    const skip = { reason: "expression_false", detail: "old" };
    const { verdict, conditions } = evaluated({ skip }, [on("shop/paid", "new")]) ?? {};
    expect({ verdict, conditions }).toEqual({ verdict: "false", conditions: ["old"] });
  });

  test("the condition could not be evaluated", () => {
    const skip = { reason: "expression_error", detail: "no such key" };
    const { verdict, conditions } = evaluated({ skip }, [on("shop/paid", "a")]) ?? {};
    expect({ verdict, conditions }).toEqual({ verdict: "error", conditions: ["a"] });
  });

  test("it held, and something else was in the way", () => {
    expect(evaluated({ skip: { reason: "rate_limited" } }, [on("shop/paid", "a")])?.verdict).toBe("true");
  });

  test("an event that was held back and then started a run", () => {
    const outcome = { skip: { reason: "debounced" }, runs: [run] };
    expect(evaluated(outcome, [on("shop/paid")])?.verdict).toBe("unconditional");
  });

  test("neither a run nor a reason: the function came later", () => {
    expect(evaluated({}, [on("shop/paid")])?.verdict).toBe("unknown");
  });

  test("a function that is no more", () => {
    const functions = [{ function: "gone", functionId: "2", text: "", runs: [run] }];
    const [first] = evaluations({ eventId: "E", name: "a", summary: "", functions }, []);
    expect(first).toMatchObject({ slug: "gone", fn: undefined, verdict: "unconditional" });
  });
});

test.each([
  [on("shop/paid"), true],
  [on("shop/*"), true],
  [on("shop.*"), false],
  [on("shop*"), false],
  [on("*"), false],
  [{ type: "CRON", value: "shop/paid" } as Trigger, false],
])("%j", (trigger, isPulled) => expect(pulls(trigger, "shop/paid")).toBe(isPulled));
