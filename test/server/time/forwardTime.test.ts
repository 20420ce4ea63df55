/** Wall time that a clock set back does not lengthen. */
import { expect, test } from "vitest";
import { forwardTime } from "../../../server/time/forwardTime.js";

test("forward time is in whole milliseconds, also where a process measures in fractions of them", () => {
  let [wall, elapsed] = [1_000, 10.75];
  const now = forwardTime({ now: () => wall, elapsed: () => elapsed });
  elapsed = 15.5;
  expect(now()).toBe(1_004);
  wall = 1_007;
  expect(now()).toBe(1_007);
  [wall, elapsed] = [3, 20.25];
  expect(now()).toBe(1_009);
});
