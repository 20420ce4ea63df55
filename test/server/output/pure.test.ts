/** Where output may be cut: between characters, and between segments. */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { rangeIn } from "../../../server/ingress/request/ranges.js";
import { strayLength, wholeLength } from "../../../server/output/characters.js";
import {
  inOrder,
  keptOf,
  parseSegmentName,
  placesFor,
  planFor,
  segmentName,
} from "../../../server/output/segments.js";

describe("bytes cut where whole characters end", () => {
  it("decode piece by piece to what they decode to as one, whatever they are", () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 60 }),
      fc.string({ unit: "grapheme", maxLength: 20 }).map((text) => new TextEncoder().encode(text)),
      // Leads and continuations in any order: what is nearly UTF-8.
      fc
        .array(fc.constantFrom(0x61, 0x80, 0xbf, 0xc2, 0xe0, 0xed, 0xef, 0xf0, 0xf4, 0xf5))
        .map((list) => new Uint8Array(list)),
    );
    fc.assert(
      fc.property(
        bytes,
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }),
        (all, sizes) => {
          let text = "";
          let at = 0;
          for (let i = 0; at < all.length; i++) {
            let size = sizes[i % sizes.length]!;
            // Nothing whole in it: as a follower does, wait for more.
            while (at + size < all.length && wholeLength(all.subarray(at, at + size)) === 0)
              size += 1;
            const piece = all.subarray(at, at + size);
            const isLast = at + size >= all.length;
            const length = isLast ? piece.length : wholeLength(piece);
            text += Buffer.from(piece.subarray(0, length)).toString();
            at += length;
          }
          expect(text).toBe(new TextDecoder("utf-8", { ignoreBOM: true }).decode(all));
        },
      ),
      { numRuns: 2000 },
    );
  });

  it("hold back no more than three", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 10 }), (bytes) => {
        expect(bytes.length - wholeLength(bytes)).toBeLessThanOrEqual(3);
        expect(strayLength(bytes)).toBeLessThanOrEqual(3);
      }),
    );
  });
});

describe("segments", () => {
  const plan = planFor(1024);

  it("take an append without a gap, none longer than it may be", () => {
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

  it("are left out behind the head, the oldest first", () => {
    const segments = Array.from({ length: 20 }, (_, i) => ({ from: i * 64, length: 64 }));
    const { kept, leftOut } = keptOf(segments, plan);
    expect(leftOut).toEqual(segments.slice(8, 12));
    expect(kept).toEqual([...segments.slice(0, 8), ...segments.slice(12)]);
  });

  it("never lie over one another", () => {
    const found = [
      { from: 64, length: 10 },
      { from: 0, length: 90 },
    ];
    expect(inOrder(found)).toEqual([
      { from: 0, length: 64 },
      { from: 64, length: 10 },
    ]);
  });

  it("are known by their names, and other files are not", () => {
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

describe("a range of bytes", () => {
  it.each([
    [undefined, null],
    ["bytes=0-", { from: 0, next: 10 }],
    ["bytes=2-4", { from: 2, next: 5 }],
    ["bytes=2-400", { from: 2, next: 10 }],
    ["bytes=-3", { from: 7, next: 10 }],
    ["bytes=-30", { from: 0, next: 10 }],
    ["bytes=-0", "none"],
    ["bytes=10-", "none"],
    ["bytes=4-2", null],
    ["bytes=-", null],
    ["bytes=0-1,3-4", null],
    ["lines=0-1", null],
  ])("%s of ten is %o", (header, range) => {
    expect(rangeIn(header, 10)).toEqual(range);
  });
});
