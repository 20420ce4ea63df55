/** Secrets in output: masked wherever the pieces are cut, and nothing else is touched. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createRedaction } from "../../../server/runner/redaction.js";

/** What is shown of a text that comes in pieces cut at these places. */
function shown(secrets: readonly string[], text: string, cuts: readonly number[]): string {
  const stream = createRedaction(secrets).stream();
  const bytes = Buffer.from(text);
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b)];
  const pieces = places.map((from, index) => bytes.subarray(from, places[index + 1]));
  return Buffer.concat([...pieces.map((piece) => stream.add(piece)), stream.end()]).toString();
}

describe("a secret in output", () => {
  test.each([
    [["hunter22"], "the key is hunter22.", "the key is ***."],
    [["hunter22"], "hunter22hunter22", "******"],
    [["hunter22"], "hunter2 is not it", "hunter2 is not it"],
    [["abcd", "abcdefgh"], "abcdefgh abcd", "*** ***"],
    [["häßlich"], "so häßlich!", "so ***!"],
    [["first line\nsecond line"], "first line\nsecond line", "***"],
    [["first line\nsecond line"], "second line alone", "*** alone"],
    [["abc"], "too short to hide: abc", "too short to hide: abc"],
    [["aaaa"], "aaaaaaaaa", "******a"],
    [[], "nothing to hide", "nothing to hide"],
  ])("of %j is masked in %j, byte by byte or whole", (secrets, text, masked) => {
    expect(shown(secrets, text, [])).toBe(masked);
    const everywhere = [...Buffer.from(text).keys()];
    expect(shown(secrets, text, everywhere)).toBe(masked);
    expect(createRedaction(secrets).text(text)).toBe(masked);
  });

  test("never shows, wherever the pieces are cut", () => {
    const letters = fc.string({
      unit: fc.constantFrom("a", "b", "\n"),
      minLength: 4,
      maxLength: 10,
    });
    fc.assert(
      fc.property(
        fc.array(letters, { minLength: 1, maxLength: 3 }),
        fc.array(fc.oneof(letters, fc.constantFrom(0, 1, 2)), { maxLength: 12 }),
        fc.array(fc.nat(), { maxLength: 8 }),
        (secrets, parts, cuts) => {
          const text = parts
            .map((part) => (typeof part === "number" ? secrets[part % secrets.length] : part))
            .join("");
          const seen = shown(secrets, text, cuts);
          for (const secret of secrets) expect(seen).not.toContain(secret);
          expect(seen).toBe(shown(secrets, text, []));
        },
      ),
    );
  });

  test("does not hold back what cannot become one", () => {
    const stream = createRedaction(["hunter22"]).stream();
    expect(stream.add(Buffer.from("a prompt? hu")).toString()).toBe("a prompt? ");
    expect(stream.add(Buffer.from("ts")).toString()).toBe("huts");
  });
});
