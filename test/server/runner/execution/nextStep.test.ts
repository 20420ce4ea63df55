/** What comes next, for every way a workflow with steps that clean up can go. */
import { describe, expect, it } from "vitest";
import {
  type Course,
  type CourseStep,
  isStopped,
  type Next,
  nextStep,
  type Stops,
} from "../../../../server/runner/execution/nextStep.js";
import type { Step } from "../../../../shared/schema/workflow.js";
import type { Ending } from "../../../../shared/state/cleanup.js";
import type { StepStatus } from "../../../../shared/statuses.js";
import { STEP_WHEN, type StepWhen } from "../../../../shared/statuses.js";

const NO_STOPS: Stops = { cancel: false, now: false, tookLongerThan: null };
const CANCEL: Stops = { ...NO_STOPS, cancel: true };
const NOW: Stops = { ...CANCEL, now: true };
const LATE: Stops = { ...NO_STOPS, tookLongerThan: "2h" };

const LETTERS: Record<string, StepStatus> = {
  p: "pending",
  w: "in_progress",
  b: "blocked",
  c: "completed",
  f: "failed",
  s: "skipped",
  x: "cancelled",
  i: "interrupted",
};

/** Steps as "build:c ship:p clean/always:p lint/continue:f", and what was asked. */
function course(steps: string, stops = NO_STOPS, ending: Ending | null = null): Course {
  const parts = steps.split(" ").map((part) => /^(\w+?)(?:\/(\w+))?:(\w)$/.exec(part)!);
  return {
    defined: parts.map(
      ([, action = "", kind]): CourseStep => ({
        action,
        when: STEP_WHEN.includes(kind as StepWhen) ? (kind as StepWhen) : "success",
        continueOnError: kind === "continue",
      }),
    ),
    steps: parts.map(([, action = "", , letter = ""], index): Step => {
      const status = LETTERS[letter]!;
      return { action, index, status, ...(status === "failed" && { error: "exit code 1" }) };
    }),
    ending,
    stops,
  };
}

/** In a few words: "run 2", "skip 1 when", "cancel 0", "end failed: build: exit code 1". */
function words(next: Next): string {
  switch (next.do) {
    case "run":
    case "cancel":
      return `${next.do} ${next.index}`;
    case "skip":
      return `skip ${next.index} ${next.why}`;
    case "end": {
      const { status, error_message } = next.end;
      return `end ${status}${error_message === undefined ? "" : `: ${error_message}`}`;
    }
  }
}

const FAILED: Ending = { status: "failed", error_message: "build: exit code 1" };
const CANCELLED: Ending = { status: "cancelled" };

const CASES: readonly (readonly [string, Course, string])[] = [
  ["the first step", course("a:p b:p"), "run 0"],
  ["the first that is not done", course("a:c b:s c:p"), "run 2"],
  ["one that was interrupted, again", course("a:c b:i"), "run 1"],
  ["one that waits for its answer", course("a:b b:p"), "run 0"],
  ["the end", course("a:c b:s"), "end completed"],
  ["after a failure, the end", course("build:f ship:p"), "end failed: build: exit code 1"],
  ["after one that is passed over, the next", course("lint/continue:f ship:p"), "run 1"],
  ["a completed end with one passed over", course("lint/continue:f ship:c"), "end completed"],
  ["what always runs, in its turn", course("a:c clean/always:p b:p"), "run 1"],
  ["what always runs, after a failure", course("build:f ship:p clean/always:p"), "run 2"],
  [
    "a failed end after cleaning up",
    course("build:f ship:p clean/always:c"),
    "end failed: build: exit code 1",
  ],
  [
    "the first cause where cleaning up fails, too",
    course("build:f clean/always:f"),
    "end failed: build: exit code 1",
  ],
  [
    "a failure where only cleaning up failed",
    course("a:c clean/always:f"),
    "end failed: clean: exit code 1",
  ],
  [
    "a second step that cleans up after a first failed",
    course("one/always:f two/always:p"),
    "run 1",
  ],
  ["nothing after a failure where nothing failed", course("a:c undo/failure:p"), "skip 1 when"],
  ["what is for a failure, after one", course("build:f undo/failure:p"), "run 1"],
  [
    "nothing for a failure that was passed over",
    course("l/continue:f undo/failure:p"),
    "skip 1 when",
  ],
  ["what is for a failure of cleaning up", course("clean/always:f tell/failure:p"), "run 1"],
  ["after a cancel, what always runs", course("a:x b:p clean/always:p", CANCEL), "run 2"],
  ["after a cancel, nothing for a failure", course("a:x undo/failure:p", CANCEL), "skip 1 when"],
  ["a cancelled end", course("a:x b:p clean/always:c", CANCEL), "end cancelled"],
  ["a cancelled end of the only step", course("a:x", CANCEL), "end cancelled"],
  ["a cancel between two steps", course("a:c b:p", CANCEL), "end cancelled"],
  ["a cancel that came after all was done", course("a:c b:c", CANCEL), "end completed"],
  [
    "what went wrong after a cancel",
    course("a:x clean/always:f", CANCEL),
    "end cancelled: Cleaning up failed: clean: exit code 1",
  ],
  ["a cancel after a failure keeps the failure", course("build:f clean/always:p", CANCEL), "run 1"],
  [
    "a cancel after a failure leaves out what is for it",
    course("build:f undo/failure:p", CANCEL),
    "skip 1 stopped",
  ],
  ["no cleaning up at all", course("a:x clean/always:p", NOW), "skip 1 stopped"],
  ["not a step that waits for success", course("a:c b:p", NOW), "end cancelled"],
  ["after too long, what always runs", course("a:x b:p clean/always:p", LATE), "run 2"],
  ["after too long, what is for a failure", course("a:x undo/failure:p", LATE), "run 1"],
  [
    "an end that took too long",
    course("a:x b:p", LATE),
    "end failed: took longer than 2h and was stopped",
  ],
  ["a time that was over after all was done", course("a:c b:c", LATE), "end completed"],
  [
    "its time over first, then a cancel",
    course("a:x b:p", { ...CANCEL, tookLongerThan: "2h" }),
    "end failed: took longer than 2h and was stopped",
  ],
  // What an earlier process has decided.
  [
    "on with cleaning up after a crash",
    course("build:f b:p clean/always:i", NO_STOPS, FAILED),
    "run 2",
  ],
  ["not on with what was being cancelled", course("a:i clean/always:p", CANCEL), "cancel 0"],
  ["not on with its question", course("a:b clean/always:p", CANCEL), "cancel 0"],
  [
    "the decided end, whatever was asked since",
    course("a:c b:p", NO_STOPS, CANCELLED),
    "end cancelled",
  ],
  [
    "the decided error, not that of a later step",
    course("a:c late:p clean/always:f", NO_STOPS, {
      status: "failed",
      error_message: "took longer",
    }),
    "end failed: took longer",
  ],
];

describe("what comes next", () => {
  it.each(CASES)("the next step is %s", (_claim, given, expected) => {
    expect(words(nextStep(given))).toBe(expected);
  });

  it("the end of a workflow is the same, whatever way it came there", () => {
    // Each first step, each cause, each end of cleaning up: the first cause always counts.
    for (const clean of ["c", "f", "s"]) {
      const end = words(nextStep(course(`build:f b:p clean/always:${clean}`)));
      expect(end).toBe("end failed: build: exit code 1");
    }
  });

  it("a workflow says how it will end as soon as that is known", () => {
    const after = nextStep(course("build:f clean/always:p"));
    expect(after).toEqual({ do: "run", index: 1, ending: FAILED });
    expect(nextStep(course("build:c clean/always:p"))).toMatchObject({ ending: null });
    expect(nextStep(course("a:p clean/always:p", CANCEL))).toMatchObject({ ending: CANCELLED });
  });
});

describe("a step at work", () => {
  it.each([
    ["a cancel", CANCEL, ["success", "failure"]],
    ["a cancel at once", NOW, ["success", "failure", "always"]],
    ["the workflow's time", LATE, ["success"]],
    ["nothing", NO_STOPS, []],
  ] as const)("a step at work is ended by %s where it is not for that", (_claim, stops, ended) => {
    expect(STEP_WHEN.filter((when) => isStopped(when, stops))).toEqual(ended);
  });
});
