import { describe, expect, it } from "vitest";
import { checkValues, valueOfText } from "../../../shared/fields/fields.js";
import { keepsNumber } from "../../../shared/json/numbers.js";

describe("a number as it is written", () => {
  it.each([
    "0",
    "-0",
    "0.0",
    "0e99999",
    "1",
    "1.0",
    "1.50",
    "1E5",
    "1e+5",
    "1e22",
    "1e23",
    "1e308",
    "-1.5e300",
    "0.1",
    "0.30000000000000004",
    "9007199254740991",
    "-9007199254740992",
    "123456789012345680000",
    "100000000000000000000000",
    "1.7976931348623157e308",
    "2.2250738585072014E-308",
    "5e-324",
    "4.9E-324",
    "0.000000000000000000000000000001",
    "1e0000000000000000000005",
    // More digits of the same double than it takes to tell it from its neighbours.
    "0.10000000000000001",
    "0.10000000000000000555",
    "0.1000000000000000055511151231257827",
    "5.6843418860808015E-14",
  ])("%s is kept", (source) => {
    expect(keepsNumber(source)).toBe(true);
  });

  it.each([
    "12345678901234567890",
    "-12345678901234567890",
    "9007199254740993",
    "18446744073709551616",
    "1e400",
    "-1e400",
    "1e309",
    "1.7976931348623159e308",
    "1e-400",
    "2.4703282292062328e-324",
    "0.1234567890123456789",
    "0.12345678901234567",
    "1234567890.1234567890",
    "3.14159265358979323846",
    "12345678901234567890e-5",
    "123456789012345678.5",
    `0.${"3".repeat(500)}`,
    "9".repeat(1_000),
  ])("%s is not kept", (source) => {
    expect(keepsNumber(source)).toBe(false);
  });

  it("a number as it is written is kept for every double, however it is printed", () => {
    const bits = new DataView(new ArrayBuffer(8));
    let seed = 1;
    const chance = () => {
      seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
      return seed;
    };
    for (let n = 0; n < 20_000; n++) {
      bits.setUint32(0, chance());
      bits.setUint32(4, chance());
      const value = bits.getFloat64(0);
      if (!Number.isFinite(value)) continue;
      for (const source of [String(value), value.toExponential(16), value.toExponential(30)])
        expect([source, keepsNumber(source)]).toEqual([source, true]);
    }
  });

  it("a number of a form or a command line is refused rather than changed", () => {
    const field = { type: "number" } as const;
    expect(valueOfText(field, "1.50")).toBe(1.5);
    for (const text of ["12345678901234567890", "0.1234567890123456789", "-9007199254740993"]) {
      const value = valueOfText(field, text);
      expect(value).toBe(text);
      expect(checkValues({ n: field }, { n: value }, null)).toMatchObject({
        ok: false,
        problems: [{ path: "n", message: "has more digits than a number can keep" }],
      });
    }
  });
});
