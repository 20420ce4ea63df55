/** Times of output as they are written: what is read is what was written, and of what is damaged no wrong time is read. */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeRun, FIRST_MOMENT, momentOf, TimedRuns } from "../../../server/output/timedRuns.js";
import type { Moment } from "../../../shared/wire/logTimes.js";

interface Run {
  readonly count: number;
  readonly at: Moment;
}

const LATEST = 2 ** 50;
const moment: fc.Arbitrary<Moment> = fc.oneof(
  fc.integer({ min: 1_764_000_000_000, max: 1_764_000_300_000 }),
  fc.nat(300),
  fc.constantFrom(null, 0, LATEST),
);
const runs: fc.Arbitrary<Run[]> = fc.array(
  fc.record({
    count: fc.oneof(fc.integer({ min: 1, max: 300 }), fc.constant(4_194_304)),
    at: moment,
  }),
  { maxLength: 40 },
);

function encoded(all: readonly Run[]): Uint8Array {
  const bytes: number[] = [];
  let last = FIRST_MOMENT;
  for (const { count, at } of all) {
    bytes.push(...encodeRun(count, at, last));
    last = at ?? last;
  }
  return Uint8Array.from(bytes);
}

const lengthOf = (all: readonly Run[]): number => all.reduce((sum, { count }) => sum + count, 0);

/** The time of each byte; of long runs only the ends, which suffice. */
function placesIn(all: readonly Run[]): [place: number, at: Moment][] {
  const places: [number, Moment][] = [];
  let begin = 0;
  for (const { count, at } of all) {
    for (const place of [begin, begin + (count >> 1), begin + count - 1]) places.push([place, at]);
    begin += count;
  }
  return places;
}

const timeAt = (read: TimedRuns, place: number): Moment | undefined =>
  [...read.between(place, place + 1)][0]?.[1];

describe("times of output", () => {
  it("times of output are read as they were written, in whatever pieces, wherever one begins", () => {
    fc.assert(
      fc.property(
        runs,
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }),
        (all, sizes) => {
          const bytes = encoded(all);
          const read = new TimedRuns();
          for (let at = 0, i = 0; at < bytes.length; i++) {
            // As a reader does: from behind the last whole record.
            at += sizes[i % sizes.length]!;
            read.read(bytes.subarray(read.bytes, at));
          }
          expect([read.bytes, read.covered]).toEqual([bytes.length, lengthOf(all)]);
          for (const [place, at] of placesIn(all)) expect(timeAt(read, place)).toBe(at);
          const whole = [...read.between(0, read.covered)];
          for (let i = 1; i < whole.length; i++) expect(whole[i]![1]).not.toBe(whole[i - 1]![1]);
        },
      ),
    );
  });

  it("times of output that were cut anywhere, or lost their end to zeros, are the same or none", () => {
    fc.assert(
      fc.property(runs, fc.nat(), fc.nat(20), (all, where, zeros) => {
        const bytes = encoded(all);
        const cut = bytes.length === 0 ? 0 : where % bytes.length;
        const read = new TimedRuns();
        read.read(Uint8Array.from([...bytes.subarray(0, cut), ...new Uint8Array(zeros)]));
        expect(read.bytes).toBeLessThanOrEqual(cut);
        for (const [place, at] of placesIn(all))
          expect([at, undefined]).toContain(timeAt(read, place));
      }),
    );
  });

  it("times of output stop at the bytes that are kept, and say of the rest when it came", () => {
    fc.assert(
      fc.property(runs, fc.nat(), (all, where) => {
        const most = where % (lengthOf(all) + 1);
        const read = new TimedRuns();
        read.read(encoded(all), most);
        expect(read.covered).toBeLessThanOrEqual(most);
        if (read.covered < most) {
          const rest = placesIn(all).find(([place]) => place >= read.covered);
          expect(read.beyond).toBe(rest?.[1]);
        }
      }),
    );
  });

  it("times of output are read without harm from anything at all", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const read = new TimedRuns();
        read.read(bytes);
        expect(read.bytes).toBeLessThanOrEqual(bytes.length);
        for (const [, at] of read.between(0, Number.MAX_SAFE_INTEGER))
          if (at !== null) expect(momentOf(at)).toBe(at);
      }),
      { numRuns: 2_000 },
    );
  });

  it("times of output take three bytes for a line each second", () => {
    const lines = Array.from({ length: 2_400 }, (_, i) => ({
      count: 10,
      at: 1_764_000_000_000 + i * 1_003,
    }));
    expect(encoded(lines).length).toBeLessThanOrEqual(3 * lines.length + 8);
  });

  it("times of output are whole milliseconds that a clock can show", () => {
    expect([1.9, -1, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 51].map(momentOf)).toEqual([
      ...[1, null, null, null, null],
    ]);
  });
});
