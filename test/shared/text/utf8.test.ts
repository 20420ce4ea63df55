/** Where bytes may be cut: between characters. */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { strayLength, wholeLength } from "../../../shared/text/utf8.js";

describe("bytes cut where whole characters end", () => {
  it("bytes cut between characters decode piece by piece to what they decode to as one", () => {
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

  it("a cut between characters holds back no more than three bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 10 }), (bytes) => {
        expect(bytes.length - wholeLength(bytes)).toBeLessThanOrEqual(3);
        expect(strayLength(bytes)).toBeLessThanOrEqual(3);
      }),
    );
  });
});
