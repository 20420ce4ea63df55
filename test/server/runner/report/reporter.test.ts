/** What is said of a step when the state is nearly full: less, but its end in any case. Both reporters say it so. */
import { describe, expect, test } from "vitest";
import { stepOrLess } from "../../../../server/runner/report/reporter.js";
import { SyncError } from "../../../../shared/errors.js";
import type { StepUpdate } from "../../../../shared/schema/workflow.js";

const END: StepUpdate = {
  status: "failed",
  error: "exit code 3",
  message: "much",
  notes: ["many"],
  data: { exit_code: 3, last_lines: ["long"] },
};

describe("the end of a step", () => {
  test("the end of a step that would make the state too large is said without what is bulky", async () => {
    const said: StepUpdate[] = [];
    await stepOrLess(END, async (update) => {
      said.push(update);
      if (said.length === 1) throw new SyncError("too_large", "too large");
    });
    expect(said).toEqual([
      END,
      {
        status: "failed",
        error: "exit code 3",
        data: { exit_code: 3 },
        completion_note: expect.stringContaining("left out"),
      },
    ]);
  });

  test("a lost link is said also where the state is nearly full: without it the step would look watched", async () => {
    const since = "2026-03-04T09:41:07.000Z";
    const link_lost = { since, why: "reset", next_try_at: null };
    const process = { machine: "box", pid: 4711, since, link_lost };
    const said: StepUpdate[] = [];
    await stepOrLess({ data: { process, last_lines: ["long"] } }, async (update) => {
      said.push(update);
      if (said.length === 1) throw new SyncError("too_large", "too large");
    });
    expect(said[1]?.data).toEqual({ process });
  });

  test("the end of a step that is refused for another reason is not said again", async () => {
    const refusal = new SyncError("stale_driver", "somebody else");
    let times = 0;
    const saying = stepOrLess(END, async () => {
      times += 1;
      throw refusal;
    });
    await expect(saying).rejects.toBe(refusal);
    expect(times).toBe(1);
  });
});
