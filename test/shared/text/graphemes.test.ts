/** Text is cut only between what a reader takes for one character, wherever it is cut. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cutAfter, cutBefore } from "../../../shared/text/graphemes.js";
import { printable } from "../../../shared/text/printable.js";
import { begun, shortened } from "../../../shared/text/shortened.js";

const FAMILY = "👨‍👩‍👧‍👦";
const CHARACTERS = [
  "a",
  " ",
  "é",
  "e\u0301",
  "漢",
  "🇩🇪",
  "🇨🇭",
  "👍🏽",
  FAMILY,
  "한",
  "\u1112\u1161\u11ab",
  "ก็",
  "क्षि",
];
const segments = (text: string) =>
  [...new Intl.Segmenter().segment(text)].map((one) => one.segment);

test("no cut is inside a character, and none is further away than the character is long", () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(...CHARACTERS), { maxLength: 30 }),
      fc.nat(200),
      (all, at) => {
        const text = all.join("");
        const whole = segments(text);
        const places = new Set([0]);
        let place = 0;
        for (const one of whole) {
          place += one.length;
          places.add(place);
        }
        const before = cutBefore(text, at);
        const after = cutAfter(text, Math.min(at, text.length));
        expect([...places]).toContain(before);
        expect([...places]).toContain(after);
        expect(Math.min(at, text.length) - before).toBeLessThan(FAMILY.length);
        expect(after - Math.min(at, text.length)).toBeLessThan(FAMILY.length);
      },
    ),
  );
});

describe.each([
  ["printable", (text: string) => printable(text, 20)],
  ["shortened", (text: string) => shortened(text, 20)],
  ["begun", (text: string) => begun(text, 20)],
] as const)("%s", (_, cut) => {
  test.each(CHARACTERS)("cuts no %j in two, wherever it stands", (one) => {
    for (let lead = 0; lead < 20; lead++) {
      const text = "x".repeat(lead) + one.repeat(30);
      const known = new Set(["x", one, "…", ...segments(one)]);
      expect(segments(cut(text)).filter((part) => !known.has(part))).toEqual([]);
      if (one !== " ") expect(cut(text)).toContain("…");
    }
  });

  test("a character that never ends is ended, in the time a line takes", () => {
    const endless = `e${"\u0301".repeat(100_000)}`;
    const started = performance.now();
    expect(cut(endless).length).toBeLessThanOrEqual(21);
    expect(performance.now() - started).toBeLessThan(1_000);
  });
});
