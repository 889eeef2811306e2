import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { union } from "./intervals";
import { idleGaps, makeScale, windowOf, zoom, zoomBy } from "./scale";

describe("idle gaps", () => {
  test("are the times between work above a tenth of the run", () => {
    const busy = [
      { from: 0, to: 100 },
      { from: 200, to: 300 },
      { from: 400, to: 420 },
    ];
    // 100 of 1000 is a tenth and not above it; 580 is.
    expect(idleGaps({ from: 0, to: 1000 }, busy)).toEqual([{ from: 420, to: 1000 }]);
  });

  test("are there at the start, too", () => {
    expect(idleGaps({ from: 0, to: 100 }, [{ from: 60, to: 100 }])).toEqual([{ from: 0, to: 60 }]);
  });

  test("are not there if the run did nothing but wait", () => {
    expect(idleGaps({ from: 0, to: 100 }, [])).toEqual([]);
    expect(idleGaps({ from: 0, to: 100 }, [{ from: 50, to: 50 }])).toEqual([]);
  });
});

describe("the scale", () => {
  const extent = { from: 0, to: 1000 };

  test("is linear without gaps", () => {
    expect(makeScale(extent).x(250)).toBeCloseTo(0.25);
  });

  test("gives a gap a fixed width and the rest to what is left", () => {
    const scale = makeScale(extent, [{ from: 100, to: 900 }]);
    expect(scale.x(100)).toBeCloseTo(0.45);
    expect(scale.x(900)).toBeCloseTo(0.55);
    expect(scale.x(1000)).toBeCloseTo(1);
    expect(scale.pieces.map((piece) => piece.isCollapsed)).toEqual([false, true, false]);
  });

  test("has a place for a run that took no time", () => {
    expect(makeScale({ from: 5, to: 5 }).x(5)).toBe(0);
  });

  const cases = fc
    .array(fc.tuple(fc.nat(1000), fc.nat(1000)), { maxLength: 12 })
    .map((pairs) => pairs.map(([a, b]) => ({ from: Math.min(a, b), to: Math.max(a, b) })))
    .map(union)
    .map((busy) => makeScale(extent, idleGaps(extent, busy)));

  test("rises from 0 to 1, and goes back to the time that it came from", () => {
    fc.assert(
      fc.property(cases, fc.nat(1000), fc.nat(1000), (scale, a, b) => {
        expect(scale.x(0)).toBeCloseTo(0);
        expect(scale.x(1000)).toBeCloseTo(1);
        if (a < b) expect(scale.x(a)).toBeLessThan(scale.x(b));
        expect(scale.time(scale.x(a))).toBeCloseTo(a, 5);
      }),
    );
  });

  test("of a window puts it from 0 to 1", () => {
    fc.assert(
      fc.property(cases, fc.nat(499), fc.integer({ min: 501, max: 1000 }), (scale, from, to) => {
        const zoomed = zoom(scale, { from, to });
        expect(zoomed.x(from)).toBeCloseTo(0);
        expect(zoomed.x(to)).toBeCloseTo(1);
      }),
    );
  });
});

describe("zooming", () => {
  const extent = { from: 0, to: 1000 };
  const scale = makeScale(extent);

  test("in halves the window around its middle", () => {
    expect(zoomBy(extent, scale, undefined, 0.5)).toEqual({ from: 250, to: 750 });
  });

  test("keeps the time where it is that it is around", () => {
    const window = zoomBy(extent, scale, { from: 200, to: 600 }, 0.5, 300);
    expect(window).toEqual({ from: 250, to: 450 });
  });

  test("out ends at the whole, which needs no window", () => {
    expect(zoomBy(extent, scale, { from: 200, to: 900 }, 2)).toBeUndefined();
  });

  test("in ends at a millisecond", () => {
    const window = windowOf(extent, scale, 0.5, 0.5);
    expect(window).toEqual({ from: 500, to: 501 });
  });
});
