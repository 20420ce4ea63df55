/** Times of output as they are written: what is read is what was written, and of what is damaged no wrong time is read. */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  decodeRecord,
  INDEX_BEGIN,
  type IndexPlace,
  momentOf,
} from "../../../server/output/indexRecords.js";
import { TimedRuns } from "../../../server/output/timedRuns.js";
import type { Moment } from "../../../shared/wire/logTimes.js";
import { encodedRuns, type Run } from "../../support/samples/encodedRuns.js";

/** An index as servers wrote it before records had checksums. */
const OLD_INDEX = Uint8Array.from(
  Buffer.from("0482a894aed76604f6030601ac028eb6b703018bbab703", "hex"),
);
const OLD_RUNS: readonly Run[] = [
  { count: 4, at: 1_764_072_000_000 },
  { count: 4, at: 1_764_072_000_250 },
  { count: 6, at: null },
  { count: 300, at: 1_764_075_600_000 },
  { count: 1, at: 1_764_071_999_995 },
];

const LATEST = 2 ** 50;
const moment: fc.Arbitrary<Moment> = fc.oneof(
  fc.integer({ min: 1_764_000_000_000, max: 1_764_000_300_000 }),
  fc.nat(300),
  fc.constantFrom(null, 0, LATEST),
);
const run: fc.Arbitrary<Run> = fc.record({
  count: fc.oneof(fc.integer({ min: 1, max: 300 }), fc.constant(4_194_304)),
  at: moment,
});
const runs = fc.array(run, { maxLength: 40 });
const fewRuns = fc.array(run, { minLength: 1, maxLength: 6 });

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

const endOf = (index: Uint8Array): IndexPlace => {
  const read = new TimedRuns();
  read.read(index);
  return read.end;
};

/** Where records begin and end. */
function placesOfRecords(index: Uint8Array): number[] {
  const places = [0];
  for (let place = INDEX_BEGIN; ; ) {
    const record = decodeRecord(index, place.bytes, place);
    if (record === null || record === "torn") return places;
    place = record.end;
    places.push(place.bytes);
  }
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
          const bytes = encodedRuns(all);
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
        const bytes = encodedRuns(all);
        const cut = bytes.length === 0 ? 0 : where % bytes.length;
        const read = new TimedRuns();
        read.read(Uint8Array.from([...bytes.subarray(0, cut), ...new Uint8Array(zeros)]));
        expect(read.bytes).toBeLessThanOrEqual(cut);
        for (const [place, at] of placesIn(all))
          expect([at, undefined]).toContain(timeAt(read, place));
      }),
    );
  });

  it("times of output of which any one bit is another one are the same or none", () => {
    fc.assert(
      fc.property(fewRuns, fc.boolean(), (all, isBehindOld) => {
        const old = isBehindOld ? OLD_INDEX : new Uint8Array();
        const before = isBehindOld ? OLD_RUNS : [];
        const bytes = encodedRuns(all, endOf(old));
        const places = placesIn([...before, ...all]).slice(3 * before.length);
        for (let bit = 0; bit < 8 * bytes.length; bit++) {
          const damaged = Uint8Array.from(bytes);
          damaged[bit >> 3]! ^= 1 << (bit & 7);
          const read = new TimedRuns();
          read.read(Uint8Array.from([...old, ...damaged]));
          expect(read.bytes).toBeLessThanOrEqual(old.length + (bit >> 3));
          const isRight = ([place, at]: (typeof places)[number]) =>
            [at, undefined].includes(timeAt(read, place));
          expect([bit, places.every(isRight)]).toEqual([bit, true]);
        }
      }),
      { numRuns: 50 },
    );
  });

  it("times of output whose middle was lost, or is there twice, are the same or none", () => {
    fc.assert(
      fc.property(runs, fc.nat(), fc.nat(), fc.boolean(), (all, one, other, isTwice) => {
        const bytes = encodedRuns(all);
        // The first holds the mark that there are checksums.
        const ends = placesOfRecords(bytes).slice(1);
        if (ends.length === 0) return;
        const [from, to] = [one % ends.length, other % ends.length].sort((a, b) => a - b);
        const [begin, end] = [ends[from!]!, ends[to!]!];
        const damaged = [...bytes.subarray(0, isTwice ? end : begin)];
        damaged.push(...bytes.subarray(isTwice ? begin : end));
        const read = new TimedRuns();
        read.read(Uint8Array.from(damaged));
        for (const [place, at] of placesIn(all))
          expect([at, undefined]).toContain(timeAt(read, place));
      }),
      // A checksum of 12 bits is right by chance once in a while.
      { seed: 1 },
    );
  });

  it("times of output from before there were checksums are read, and so is what follows them", () => {
    const read = new TimedRuns();
    read.read(OLD_INDEX);
    expect(read.bytes).toBe(OLD_INDEX.length);
    for (const [place, at] of placesIn(OLD_RUNS)) expect(timeAt(read, place)).toBe(at);
    const all = [...OLD_RUNS, { count: 7, at: 1_764_072_000_400 }, { count: 2, at: null }];
    const behind = encodedRuns(all.slice(OLD_RUNS.length), read.end);
    read.read(behind);
    expect(read.bytes).toBe(OLD_INDEX.length + behind.length);
    for (const [place, at] of placesIn(all)) expect(timeAt(read, place)).toBe(at);
  });

  it("times of output stop at the bytes that are kept, and say of the rest when it came", () => {
    fc.assert(
      fc.property(runs, fc.nat(), (all, where) => {
        const most = where % (lengthOf(all) + 1);
        const read = new TimedRuns();
        read.read(encodedRuns(all), most);
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

  it("times of output take five bytes for a line each second", () => {
    const lines = Array.from({ length: 2_400 }, (_, i) => ({
      count: 10,
      at: 1_764_000_000_000 + i * 1_003,
    }));
    expect(encodedRuns(lines).length).toBeLessThanOrEqual(5 * lines.length + 8);
  });

  it("times of output are whole milliseconds that a clock can show", () => {
    expect([1.9, -1, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 51].map(momentOf)).toEqual([
      ...[1, null, null, null, null],
    ]);
  });
});
