import { describe, expect, it } from "vitest";
import { RateLimiter } from "../../../../server/ingress/pace/rateLimit.js";
import { type ManualClock, manualClock } from "../../../support/clocks/manualClock.js";

const RATE = { commandsPerSecond: 10, commandBurst: 20, rateRefusals: 100 };
const KIB = 1024;

/** How many commands are taken until one is not. */
function taken(pace: { take(bytes: number): boolean }, most = 1_000): number {
  for (let count = 0; count < most; count++) if (!pace.take(1)) return count;
  return most;
}

/** How many refusals are answered until one ends the socket. */
function refused(pace: { refuse(bytes: number): boolean }, bytes = 1): number {
  for (let count = 0; count < 10_000; count++) if (!pace.refuse(bytes)) return count;
  return Number.POSITIVE_INFINITY;
}

const limiter = (clock: ManualClock = manualClock()) => new RateLimiter(clock, RATE);

describe("a client's pace", () => {
  it.for([
    ["back", -3_600_000],
    ["on", 3_600_000],
  ] as const)("is the same where the clock is set %s", ([, by]) => {
    const clock = manualClock();
    const pace = limiter(clock).socket("a");
    expect(taken(pace)).toBe(20);
    clock.setWall(clock.now() + by);
    expect(taken(pace)).toBe(0);
    clock.advance(100);
    expect(taken(pace)).toBe(1);
  });

  it("a client's pace is counted by size, too: what is large takes the time of many small ones", () => {
    const clock = manualClock();
    const pace = limiter(clock).socket("a");
    pace.take(1);
    pace.take(640 * KIB);
    expect(pace.take(1)).toBe(false);
    clock.advance(2_000);
    expect(pace.take(1)).toBe(false);
    clock.advance(200);
    expect(taken(pace)).toBe(1);
  });

  it("a client's pace leaves each socket its own, however many bursts the others took", () => {
    const rates = limiter();
    const flood = Array.from({ length: 20 }, () => rates.socket("a"));
    const all = flood.reduce((sum, pace) => sum + taken(pace), 0);
    expect(all).toBeLessThanOrEqual(20 * 2 + 2 * 20);
    expect(taken(rates.socket("a"))).toBe(2);
    expect(taken(rates.socket("b"))).toBe(20);
  });
});

describe("refusals", () => {
  it("refusals are counted also where commands between them were accepted", () => {
    const clock = manualClock();
    const pace = limiter(clock).socket("a");
    let closedAfter = 0;
    for (let i = 0; closedAfter === 0 && i < 10_000; i++) {
      if (i % 20 === 0) clock.advance(100);
      if (!pace.take(1) && !pace.refuse(1)) closedAfter = i;
    }
    expect(closedAfter).toBeGreaterThan(100);
    expect(closedAfter).toBeLessThan(500);
  });

  it("refusals are forgiven where they come slowly", () => {
    const clock = manualClock();
    const pace = limiter(clock).socket("a");
    for (let i = 0; i < 10_000; i++) {
      clock.advance(100);
      expect(pace.refuse(1)).toBe(true);
    }
  });

  it("refusals of one client's sockets together are bounded, and those without guilt stay", () => {
    const rates = limiter();
    const honest = rates.socket("a");
    const flood = Array.from({ length: 20 }, () => rates.socket("a"));
    const all = flood.reduce((sum, pace) => sum + refused(pace), 0);
    expect(all).toBeLessThanOrEqual(2 * 100 + 20 * 10);
    expect(honest.refuse(1)).toBe(true);
    expect(honest.take(1)).toBe(true);
  });

  it("refusals cost by size", () => {
    expect(refused(limiter().socket("a"), 160 * KIB)).toBe(10);
  });
});

describe("a client whose socket was cut off", () => {
  it("a client whose socket was cut off opens new ones slowly for a while, and sends slowly on them", () => {
    const clock = manualClock();
    const rates = limiter(clock);
    refused(rates.socket("a"));
    expect(taken(rates.socket("a"))).toBe(2);
    for (let i = 0; i < 4; i++) rates.socket("a");
    expect(() => rates.socket("a")).toThrow("closed for its flood");
    rates.socket("b");
    clock.advance(500);
    rates.socket("a");
    expect(() => rates.socket("a")).toThrow("closed for its flood");
    clock.advance(9_500);
    for (let i = 0; i < 100; i++) rates.socket("a");
  });
});
