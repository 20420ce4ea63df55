import { describe, expect, test } from "vitest";
import { formatDuration, parseDuration } from "../../../shared/text/duration.js";

describe("a duration", () => {
  test.each([
    ["500ms", 500],
    ["30s", 30_000],
    ["1.5s", 1_500],
    ["10m", 600_000],
    ["1h", 3_600_000],
    [" 2s ", 2_000],
    ["0s", 0],
  ])("%s is %d ms", (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  test("without a unit says which units there are", () => {
    expect(() => parseDuration("30")).toThrow('needs a unit: "30s" for seconds, or ms, m, h');
  });

  test.each(["", "soon", "-5s", "5 m 3", "1d", "1e3s", "Infinityh"])("%j is refused", (text) => {
    expect(() => parseDuration(text)).toThrow("must be a time like 500ms, 30s, 10m or 1h");
  });

  test("of years is a slip of the hand", () => {
    expect(() => parseDuration("99999h")).toThrow("a year");
  });

  test.each([
    [0, "0ms"],
    [999, "999ms"],
    [1_250, "1.2s"],
    [59_999, "59s"],
    [61_000, "1m 1s"],
    [3_725_000, "1h 2m"],
  ])("%d ms reads %s", (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });
});
