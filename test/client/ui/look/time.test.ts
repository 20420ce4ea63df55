/** Durations and times as the page writes them. */
import { describe, expect, test } from "vitest";
import { formatAgo, formatStart } from "../../../../client/ui/look/time.js";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

describe("durations", () => {
  test.each([
    [500, "just now"],
    [12 * SECOND, "12 s ago"],
    [4 * MINUTE, "4 min ago"],
    [2 * HOUR, "2 h ago"],
    [25 * HOUR, "1 day ago"],
    [76 * HOUR, "3 days ago"],
  ])("%d ms back is %s", (ms, text) =>
    expect(formatAgo(ms)).toBe(text.replace(/(\d) /, "$1\u00a0")),
  );
});

describe("starts", () => {
  const at = (year: number, month: number, day: number, hour = 9, minute = 14) =>
    new Date(year, month - 1, day, hour, minute).getTime();
  const now = at(2026, 3, 4, 12);

  test.each([
    [at(2026, 3, 4), "09:14"],
    [at(2026, 3, 3), "yesterday 09:14"],
    [at(2026, 1, 22), "22 Jan 09:14"],
    [at(2025, 11, 22), "22 Nov 2025"],
  ])("%d is %s", (start, text) => expect(formatStart(start, now)).toBe(text));

  test("the first of a month knows yesterday", () => {
    expect(formatStart(at(2026, 2, 28), at(2026, 3, 1))).toBe("yesterday 09:14");
  });
});
