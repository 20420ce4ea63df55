/** A workflow's own time: it runs while its steps do, not while it waits for an answer, and an earlier process's part of it counts. */
import { describe, expect, it } from "vitest";
import { TimeLimit } from "../../../../server/runner/execution/timeLimit.js";
import { timeUsed } from "../../../../server/runner/execution/timeUsed.js";
import type { Step, WorkflowState } from "../../../../shared/schema/workflow.js";
import { manualClock } from "../../../support/clocks/manualClock.js";
import { settled } from "../../../support/clocks/settled.js";

const at = (seconds: number): string =>
  new Date(Date.UTC(2026, 0, 1) + seconds * 1_000).toISOString();
const step = (more: object): Step => ({ action: "a", index: 0, status: "completed", ...more });
const used = (...steps: Step[]): number =>
  timeUsed({ steps, start_time: at(100) } as WorkflowState, Date.parse(at(1_000))) / 1_000;

describe("what is left", () => {
  it("the time that is left runs out once, and leaves no timer", async () => {
    const clock = manualClock();
    let over = 0;
    const limit = new TimeLimit(clock, 10_000, () => (over += 1));
    limit.begin();
    clock.advance(9_999);
    await settled();
    expect(over).toBe(0);
    clock.advance(1);
    await settled();
    expect(over).toBe(1);
    limit.end();
    limit.begin();
    clock.advance(100_000);
    await settled();
    expect(over).toBe(1);
    limit.end();
    expect(clock.waiting).toBe(0);
  });

  it("stands still while somebody is asked, whatever the wall clock shows", async () => {
    const clock = manualClock();
    let over = 0;
    const limit = new TimeLimit(clock, 10_000, () => (over += 1));
    limit.begin();
    clock.advance(4_000);
    let answer = (_text: string) => {};
    const asking = limit.without(() => new Promise<string>((resolve) => (answer = resolve)));
    clock.advance(3_600_000);
    clock.setWall(0);
    answer("yes");
    expect(await asking).toBe("yes");
    clock.advance(5_999);
    await settled();
    expect(over).toBe(0);
    clock.advance(1);
    await settled();
    expect(over).toBe(1);
    limit.end();
  });
});

describe("what was used before", () => {
  it.each([
    ["nothing of what has not begun", [step({ status: "pending" })], 0],
    ["a step", [step({ started_at: at(100), finished_at: at(110) })], 10],
    [
      "a step with its attempts and the pause between them",
      [
        step({
          attempts: [{ attempt: 1, status: "failed", started_at: at(100), finished_at: at(105) }],
          started_at: at(120),
          finished_at: at(130),
        }),
      ],
      30,
    ],
    [
      "not the time between an interruption and going on",
      [
        step({
          attempts: [
            { attempt: 1, status: "interrupted", started_at: at(100), finished_at: at(105) },
          ],
          started_at: at(9_000),
          finished_at: at(9_010),
        }),
      ],
      15,
    ],
    [
      "not the waiting for an answer",
      [
        step({
          started_at: at(100),
          finished_at: at(200),
          answered: { at: at(190), waited_ms: 90_000 },
        }),
      ],
      10,
    ],
    ["not what a retry keeps", [step({ started_at: at(0), finished_at: at(50) })], 0],
    [
      "nothing below nothing, with a clock set back",
      [step({ started_at: at(200), finished_at: at(150) })],
      0,
    ],
  ])("the time that was used before is %s", (_claim, steps, seconds) => {
    expect(used(...steps)).toBe(seconds);
  });
});
