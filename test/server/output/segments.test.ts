/** The segments of an output: where one ends, what their files are called, and which are given up. */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  inOrder,
  keptOf,
  parseSegmentName,
  placesFor,
  planFor,
  segmentName,
} from "../../../server/output/segments.js";

describe("segments", () => {
  const plan = planFor(1024);

  it("segments take an append without a gap, none longer than it may be", () => {
    fc.assert(
      fc.property(fc.nat(3000), fc.integer({ min: 1, max: 3000 }), (position, count) => {
        const last = position === 0 ? undefined : { from: 0, length: position };
        let at = position;
        for (const place of placesFor(position, count, last, plan)) {
          expect(place.position).toBe(at);
          at += place.count;
          if (place.segment > 0) expect(at - place.segment).toBeLessThanOrEqual(64);
        }
        expect(at).toBe(position + count);
      }),
    );
  });

  it("segments are left out behind the head, the oldest first", () => {
    const segments = Array.from({ length: 20 }, (_, i) => ({ from: i * 64, length: 64 }));
    const { kept, leftOut } = keptOf(segments, plan);
    expect(leftOut).toEqual(segments.slice(8, 12));
    expect(kept).toEqual([...segments.slice(0, 8), ...segments.slice(12)]);
  });

  it("segments never lie over one another", () => {
    const found = [
      { from: 64, length: 10 },
      { from: 0, length: 90 },
    ];
    expect(inOrder(found)).toEqual([
      { from: 0, length: 64 },
      { from: 64, length: 10 },
    ]);
  });

  it("segments are known by their names, and other files are not taken for them", () => {
    for (const part of ["bytes", "times"] as const) {
      const name = { step: 3, attempt: 2, from: 4_194_304, part };
      expect(parseSegmentName(segmentName(name))).toEqual(name);
    }
    for (const other of [
      "notes.txt",
      "step-1.attempt-1.from-0.log.tmp",
      "step--1.attempt-1.from-0.log",
    ])
      expect(parseSegmentName(other)).toBeNull();
  });
});
