import { describe, expect, test } from "vitest";
import {
  exactDuration,
  formatDuration,
  formatElapsed,
  parseDuration,
} from "../../../shared/text/duration.js";

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

  test("a duration without a unit says which units there are", () => {
    expect(() => parseDuration("30")).toThrow('needs a unit: "30s" for seconds, or ms, m, h');
  });

  test.each(["", "soon", "-5s", "5 m 3", "1d", "1e3s", "Infinityh"])("%j is refused", (text) => {
    expect(() => parseDuration(text)).toThrow("must be a time like 500ms, 30s, 10m or 1h");
  });

  test("a duration of years is a slip of the hand", () => {
    expect(() => parseDuration("99999h")).toThrow("a year");
  });

  test.each([
    [-5, "0s"],
    [0, "0s"],
    [Number.NaN, "0s"],
    [40, "0.1s"],
    [830, "0.8s"],
    [999, "0.9s"],
    [1_250, "1.2s"],
    [9_999, "9.9s"],
    [12_000, "12s"],
    [59_999, "59s"],
    [61_000, "1m 01s"],
    [4 * 60_000 + 5_000, "4m 05s"],
    [3_725_000, "1h 02m"],
    [76 * 3_600_000, "3d 04h"],
  ])("%d ms that something took read %s", (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });

  test.each([
    [0, "0ms"],
    [200, "200ms"],
    [1_500, "1.5s"],
    [12_000, "12s"],
    [90_000, "1m 30s"],
    [600_000, "10m"],
    [5_400_000, "1h 30m"],
    [90_000_000, "25h"],
  ])("%d ms that somebody has written read %s", (ms, text) => {
    expect(exactDuration(ms)).toBe(text);
  });

  test("a running clock shows whole seconds", () => {
    expect(formatElapsed(830)).toBe("0s");
    expect(formatElapsed(1_830)).toBe("1s");
    expect(formatElapsed(61_830)).toBe("1m 01s");
    expect(formatElapsed(-60_000)).toBe("0s");
  });
});
