import fc from "fast-check";
import { expect, it } from "vitest";
import { shortened } from "../../../shared/text/shortened.js";

it("a text keeps its beginning and its end within the bound, and no character is cut in two", () => {
  expect(shortened("as it is", 8)).toBe("as it is");
  expect(shortened("0123456789", 8)).toBe("01234…89");
  const text = fc.string({ unit: fc.constantFrom("a", "🙂", "ä") });
  fc.assert(
    fc.property(text, fc.integer({ min: 8, max: 50 }), (given, most) => {
      const cut = shortened(given, most);
      expect(cut.length).toBeLessThanOrEqual(most);
      expect(Buffer.from(cut).toString()).toBe(cut);
      if (given.length <= most) expect(cut).toBe(given);
      else expect(cut.length).toBeGreaterThanOrEqual(most - 4);
    }),
  );
});
