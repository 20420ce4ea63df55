import { expect, it } from "vitest";
import { TokenBucket } from "../../../server/ingress/rateLimit.js";
import { manualClock } from "../../support/manualClock.js";

it.for([
  ["back", -3_600_000],
  ["on", 3_600_000],
] as const)("a client's pace is the same where the clock is set %s", ([, by]) => {
  const clock = manualClock();
  const bucket = new TokenBucket(clock, { commandsPerSecond: 10, commandBurst: 2 });
  bucket.take();
  bucket.take();
  clock.setWall(clock.now() + by);
  expect(() => bucket.take()).toThrow("at most 10 commands a second");
  clock.advance(100);
  bucket.take();
  expect(() => bucket.take()).toThrow("at most 10 commands a second");
});
