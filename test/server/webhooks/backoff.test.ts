/** When a delivery is tried again. */
import { expect, test } from "vitest";
import {
  delayAfter,
  GIVEN_UP_AFTER_MS,
  LONGEST_MS,
  wishedDelay,
} from "../../../server/webhooks/backoff.js";

test("each pause is three times as long as the one before, up to four hours, and all together last about a day", () => {
  const pauses = Array.from({ length: 20 }, (_, index) => delayAfter(index + 1, 0.5, null));
  expect(pauses.slice(0, 4)).toEqual([5_000, 15_000, 45_000, 135_000]);
  expect(pauses.at(-1)).toBe(LONGEST_MS);
  let sum = 0;
  const tries = pauses.findIndex((pause) => {
    sum += pause;
    return sum > GIVEN_UP_AFTER_MS;
  });
  expect(tries).toBeGreaterThan(10);
  expect(tries).toBeLessThan(20);
});

test("chance moves a pause by a quarter at most", () => {
  expect([0, 0.5, 1].map((chance) => delayAfter(1, chance, null))).toEqual([3_750, 5_000, 6_250]);
});

test("a receiver may ask for a longer pause, of four hours at most, and for no shorter one", () => {
  expect(delayAfter(1, 0.5, 60_000)).toBe(60_000);
  expect(delayAfter(1, 0.5, 1)).toBe(5_000);
  expect(delayAfter(1, 0.5, 1e12)).toBe(LONGEST_MS);
});

const NOW = Date.UTC(2026, 0, 1);
test.each([
  ["120", 120_000],
  ["0", 0],
  ["Thu, 01 Jan 2026 00:01:00 GMT", 60_000],
  ["Thu, 01 Jan 2020 00:01:00 GMT", 0],
  ["soon", null],
  ["-5", null],
  ["1e9", null],
  ["2026", 2_026_000],
  [undefined, null],
])("Retry-After: %s", (header, wished) => {
  expect(wishedDelay(header, NOW)).toBe(wished);
});
