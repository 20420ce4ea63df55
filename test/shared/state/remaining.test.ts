/** How long a step will still take. */
import { describe, expect, it } from "vitest";
import { remainingMs } from "../../../shared/state/remaining.js";

const STARTED = Date.UTC(2026, 0, 1);
const step = (progress: number | null) => ({
  status: "in_progress" as const,
  started_at: new Date(STARTED).toISOString(),
  progress,
});

describe("the time a step will still take", () => {
  it("the time a step will still take goes on as it went so far", () => {
    expect(remainingMs(step(0.25), STARTED + 20_000)).toBe(60_000);
    expect(remainingMs(step(0.5), STARTED + 10_000)).toBe(10_000);
  });

  it.each([
    ["before ten seconds have passed", step(0.5), STARTED + 9_999],
    ["without progress", step(null), STARTED + 60_000],
    ["at the very beginning", step(0), STARTED + 60_000],
    ["at the end", step(1), STARTED + 60_000],
    ["once it is over", { ...step(0.5), status: "completed" as const }, STARTED + 60_000],
    ["where its start is not known", { ...step(0.5), started_at: null }, STARTED + 60_000],
  ])("is not guessed %s", (_when, given, now) => {
    expect(remainingMs(given, now)).toBeNull();
  });
});
